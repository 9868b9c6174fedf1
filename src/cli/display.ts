import type { JobEvent } from '../pipeline/index.js';
import type { Progress } from '../services/contract/index.js';
import type { CommandContext } from './context.js';
import { jsonLine } from './display/lines.js';
import { plainLine } from './display/plain.js';
import { type Report, Reporter } from './display/reporter.js';
import { type DisplayState, NO_STAGES, reduce, view } from './display/state.js';
import { snapshot } from './display/snapshot.js';
import { redraw, screen } from './display/tty.js';
import type { OutStream, Output } from './output.js';

/** Shows what the jobs of a title do. */
export interface Display {
  /** Takes an event; for RunOptions.onEvent. */
  event(event: JobEvent): void;
  /** Takes how far a title on a server is. */
  progress(progress: Progress): void;
  /** Says what is left to say; call it whatever happened, before anything else is printed. */
  close(): void;
}

interface Clock {
  /** Milliseconds from any point in time. */
  now(): number;
  /** Calls back every `ms` milliseconds; gives what ends it. */
  every(ms: number, call: () => void): () => void;
}

const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  every: (ms, call) => {
    const timer = setInterval(call, ms);
    timer.unref(); // showing is no reason to stay
    return () => clearInterval(timer);
  },
};

const TTY_REDRAW_MS = 200;
const TICK_MS = 250;
const PLAIN_INTERVAL_MS = 10_000;
const JSON_INTERVAL_MS = 1000;

/** Something that shows a state now and then, and once more at the end. */
interface Renderer {
  everyMs: number;
  show(state: DisplayState, nowMs: number, closing: boolean): void;
}

function reporting(intervalMs: number, tell: (report: Report) => void): Renderer {
  const reporter = new Reporter(intervalMs);
  const show: Renderer['show'] = (state, nowMs, closing) =>
    reporter.news(state, nowMs, closing).forEach(tell);
  return { everyMs: TICK_MS, show };
}

function redrawing(stream: OutStream, out: Output): Renderer {
  let previous: string[] = [];
  // A terminal that does not know its size says 0.
  const columns = (): number => stream.columns || 80;
  const put = (lines: string[]): void => {
    out.draw(redraw(previous, lines, columns()));
    previous = lines;
  };
  out.drawing(() => {
    if (previous.length > 0) put([]);
  });
  return {
    everyMs: TTY_REDRAW_MS,
    show: (state, nowMs, closing) => {
      const views = state.map((stage) => view(stage, nowMs));
      // A column and a line are left free: a terminal that is filled to the last one scrolls.
      put(screen(views, Math.max(1, columns() - 1), Math.max(1, (stream.rows || 24) - 1)));
      if (closing) out.drawing(undefined);
    },
  };
}

/** Lines redrawn in place on a terminal; else text that is only added to. With --verbose too, as log lines come between. */
function rendererFor({ out, json, verbose }: Pick<CommandContext, 'out' | 'json' | 'verbose'>): Renderer {
  if (json) return reporting(JSON_INTERVAL_MS, (report) => out.json(jsonLine(report)));
  if (out.stderr.isTTY === true && !verbose) return redrawing(out.stderr, out);
  return reporting(PLAIN_INTERVAL_MS, (report) => out.note(plainLine(report)));
}

/** A display for a command: JSON lines with --json, a live view on a terminal, lines of text elsewhere. */
export function createDisplay(
  context: Pick<CommandContext, 'out' | 'json' | 'verbose'>,
  clock: Clock = REAL_CLOCK,
): Display {
  const renderer = rendererFor(context);
  let state = NO_STAGES;
  const show = (closing: boolean): void => renderer.show(state, clock.now(), closing);
  const stop = clock.every(renderer.everyMs, () => {
    if (state.length > 0) show(false);
  });
  return {
    event: (event) => {
      state = reduce(state, event, clock.now());
    },
    progress: (progress) => {
      state = snapshot(state, progress, clock.now());
    },
    close: () => {
      stop();
      if (state.length > 0) show(true);
    },
  };
}
