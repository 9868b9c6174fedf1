import { describe, expect, it } from 'vitest';
import { createDisplay } from '../../src/cli/display.js';
import { bar, endText, formatSeconds, formatSpeed } from '../../src/cli/display/format.js';
import { redraw, rowsOf, screen, stageLine } from '../../src/cli/display/tty.js';
import type { StageView } from '../../src/cli/display/state.js';
import { Output } from '../../src/cli/output.js';
import type { JobEvent } from '../../src/pipeline/index.js';
import { Capture } from './terminal.js';

const RUNNING: StageView = {
  stage: 'probe',
  state: 'running',
  jobsDone: 12,
  jobsTotal: 28,
  jobsCached: 0,
  jobsFailed: 0,
  frames: 1400,
  framesPerSecond: 118.4,
  percent: 45.6,
  etaSeconds: 80,
  seconds: 12,
  message: undefined,
};
const FINISHED: StageView = {
  ...RUNNING,
  state: 'finished',
  jobsDone: 28,
  percent: 100,
  etaSeconds: 0,
  seconds: 95,
};

describe('words', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [80, '1 min 20 s'],
    [3599, '59 min 59 s'],
    [7500, '2 h 05 min'],
    [3600 + 59.7 * 60, '2 h 00 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it.each([
    [0.4211, '0.42 frames/s'],
    [4.25, '4.3 frames/s'],
    [118.4, '118 frames/s'],
  ])('%d is %s', (speed, text) => {
    expect(formatSpeed(speed)).toBe(text);
  });

  it.each([
    [0, '░░░░'],
    [49, '█░░░'],
    [50, '██░░'],
    [99.9, '███░'],
    [100, '████'],
    [140, '████'],
  ])('a bar at %d%%', (percent, text) => {
    expect(bar(percent, 4)).toBe(text);
  });

  it.each([
    [FINISHED, 'done, 28 jobs in 1 min 35 s, 118 frames/s'],
    [{ ...FINISHED, jobsTotal: 1, jobsDone: 1, framesPerSecond: undefined }, 'done, 1 job in 1 min 35 s'],
    [{ ...FINISHED, jobsCached: 20 }, 'done, 28 jobs (20 done before) in 1 min 35 s, 118 frames/s'],
    [{ ...FINISHED, state: 'cached' as const, jobsCached: 28 }, 'done before, 28 jobs'],
    [
      { ...FINISHED, state: 'failed' as const, jobsFailed: 2, message: 'disk full\n  more' },
      'failed, 2 of 28 jobs: disk full',
    ],
  ])('the end of a stage', (view, text) => {
    expect(endText(view)).toBe(text);
  });
});

describe('a line on a terminal', () => {
  it.each([
    [100, '• probe     [bar30]   45%  12/28 jobs  118 frames/s  1 min 20 s left'],
    [70, '• probe     [bar9]   45%  12/28 jobs  118 frames/s  1 min 20 s left'],
    [60, '• probe      45%  12/28 jobs  118 frames/s  1 min 20 s left'],
    [52, '• probe     [bar8]   45%  12/28 jobs  118 frames/s'],
    [51, '• probe      45%  12/28 jobs  118 frames/s'],
    [30, '• probe      45%  12/28 jobs'],
    [18, '• probe      45%'],
    [10, '• probe  …'],
    [1, '…'],
  ])('of %d columns', (width, pattern) => {
    const line = stageLine(RUNNING, 8, width);
    const expected = pattern.replace(/\[bar(\d+)\]/, (_, n: string) => bar(45.6, Number(n)));
    expect(line).toBe(expected);
    expect(line.length).toBeLessThanOrEqual(width);
  });

  it('is never wider than the terminal', () => {
    for (let width = 1; width < 130; width++) {
      for (const view of [
        RUNNING,
        FINISHED,
        { ...RUNNING, framesPerSecond: undefined, etaSeconds: undefined },
      ]) {
        expect(stageLine(view, 8, width).length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('of a stage that has ended', () => {
    expect(stageLine(FINISHED, 8, 80)).toBe('✓ probe     done, 28 jobs in 1 min 35 s, 118 frames/s');
    expect(stageLine({ ...FINISHED, state: 'cached' }, 8, 80)).toBe('= probe     done before, 28 jobs');
  });
});

describe('the screen', () => {
  const views = ['ingest', 'chunk', 'probe', 'encode'].map((stage, i) => ({
    ...(i < 2 ? FINISHED : RUNNING),
    stage,
  }));

  it('has a line a stage, names in one column', () => {
    const lines = screen(views, 60, 10);
    expect(lines.map((line) => line.slice(0, 10))).toEqual([
      '✓ ingest  ',
      '✓ chunk   ',
      '• probe   ',
      '• encode  ',
    ]);
  });

  it('shows what is under way where there is no room for all', () => {
    expect(screen(views, 60, 2).map((line) => line.slice(2, 8))).toEqual(['probe ', 'encode']);
    expect(screen(views, 60, 1)).toHaveLength(1);
  });

  it('is drawn over what was there, also after the terminal was made narrower', () => {
    expect(redraw([], ['a', 'b'], 80)).toBe('\r\u001b[Ja\nb\n');
    expect(redraw(['a', 'b'], ['c'], 80)).toBe('\r\u001b[2A\u001b[Jc\n');
    expect(rowsOf(['x'.repeat(79), 'y'], 40)).toBe(3);
    expect(redraw(['x'.repeat(79), 'y'], ['z'], 40)).toBe('\r\u001b[3A\u001b[Jz\n');
  });
});

/** What a terminal of this width shows after these bytes: enough of one for what is written here. */
function terminalShows(bytes: string, columns: number): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const [token] of bytes.matchAll(/\u001b\[(\d*)[AJ]|[\s\S]/g)) {
    if (token === '\n') {
      row += 1;
      rows[row] ??= '';
    } else if (token.endsWith('A') && token.length > 1) row = Math.max(0, row - Number(token.slice(2, -1)));
    else if (token === '\u001b[J') rows.splice(row, rows.length, '');
    else if (token !== '\r') {
      if (rows[row]!.length === columns) rows[(row += 1)] = '';
      rows[row] += token;
    }
  }
  return rows.filter((text) => text !== '');
}

interface Shown {
  stdout: Capture;
  stderr: Capture;
  out: Output;
  /** Plays an event at a time of a clock that is turned by hand; ticks are as often as the display wants them. */
  at(ms: number, stage: string, job: string, state: JobEvent['state'], more?: Partial<JobEvent>): void;
  /** Turns the clock. */
  until(ms: number): void;
  close(): void;
}

function show(options: { json?: boolean; verbose?: boolean; tty?: boolean }): Shown {
  const stdout = new Capture();
  const stderr = new Capture();
  stderr.isTTY = options.tty ?? false;
  const out = new Output(stdout, stderr, () => undefined);
  let now = 0;
  let tick: () => void = () => undefined;
  let every = 1;
  const clock = {
    now: () => now,
    every: (ms: number, call: () => void) => {
      [every, tick] = [ms, call];
      return () => (tick = () => undefined);
    },
  };
  const context = { out, json: options.json ?? false, verbose: options.verbose ?? false };
  const display = createDisplay(context, clock);
  const until = (ms: number): void => {
    for (; now + every <= ms; tick()) now += every;
    now = ms;
  };
  return {
    stdout,
    stderr,
    out,
    until,
    at: (ms, stage, job, state, more) => {
      until(ms);
      display.event({ type: 'job', stage, job, state, ...more });
    },
    close: () => display.close(),
  };
}

/** Ingest is there already; chunk takes half a minute; then one of two probes fails. */
function story({ at, until, close }: Shown): void {
  at(0, 'ingest', 'ingest', 'done', { cached: true });
  at(0, 'chunk', 'chunk', 'added');
  at(0, 'chunk', 'chunk', 'started');
  for (let second = 1; second <= 30; second++) {
    at(second * 1000, 'chunk', 'chunk', 'progress', { done: second * 30, total: 900 });
  }
  at(30_000, 'chunk', 'chunk', 'done');
  at(31_500, 'probe', 'probe.1', 'added');
  at(31_500, 'probe', 'probe.2', 'added');
  at(31_500, 'probe', 'probe.1', 'started');
  at(33_000, 'probe', 'probe.1', 'done');
  at(33_000, 'probe', 'probe.2', 'started');
  at(33_500, 'probe', 'probe.2', 'failed', { message: 'ffmpeg ended with exit code 1' });
  until(33_600);
  close();
  close();
}

describe('the display', () => {
  it('on no terminal adds lines: starts, ends, and progress every 10 s', () => {
    const shown = show({});
    story(shown);
    expect(shown.stdout.text).toBe('');
    expect(shown.stderr.text.split('\n')).toEqual([
      'ingest: started',
      'chunk: started',
      'ingest: done before, 1 job',
      'chunk: 33%, 0/1 job, 29 frames/s, 21 s left',
      'chunk: 66%, 0/1 job, 30 frames/s, 10 s left',
      'chunk: done, 1 job in 30 s, 30 frames/s',
      'probe: started',
      'probe: failed, 1 of 2 jobs: ffmpeg ended with exit code 1',
      '',
    ]);
  });

  it('with --json writes one object a line to standard output, progress at most once a second', () => {
    const shown = show({ json: true, tty: true });
    story(shown);
    expect(shown.stderr.text).toBe('');
    const lines = shown.stdout.json();
    expect(lines.filter(({ type }) => type === 'stage')).toEqual([
      { type: 'stage', stage: 'ingest', state: 'started' },
      { type: 'stage', stage: 'chunk', state: 'started' },
      {
        ...{ type: 'stage', stage: 'ingest', state: 'cached', jobs: 1, jobsCached: 1, jobsFailed: 0 },
        ...{ frames: 0, framesPerSecond: null, seconds: 0 },
      },
      {
        ...{ type: 'stage', stage: 'chunk', state: 'finished', jobs: 1, jobsCached: 0, jobsFailed: 0 },
        ...{ frames: 900, framesPerSecond: 30, seconds: 30 },
      },
      { type: 'stage', stage: 'probe', state: 'started' },
      {
        ...{ type: 'stage', stage: 'probe', state: 'failed', jobs: 2, jobsCached: 0, jobsFailed: 1 },
        ...{ frames: 0, framesPerSecond: null, seconds: 2 },
      },
    ]);
    const progress = lines.filter(({ type, stage }) => type === 'progress' && stage === 'chunk');
    expect(progress.length).toBeGreaterThanOrEqual(25);
    expect(progress.length).toBeLessThanOrEqual(30);
    expect(progress[9]).toEqual({
      ...{ type: 'progress', stage: 'chunk', jobsDone: 0, jobsTotal: 1, jobsCached: 0, frames: 300 },
      ...{ framesPerSecond: 29.3, percent: 33.3, etaSeconds: 20.5 },
    });
  });

  it('on a terminal shows each stage once, in the end with its result', () => {
    const shown = show({ tty: true });
    story(shown);
    expect(shown.stdout.text).toBe('');
    expect(terminalShows(shown.stderr.text, 80)).toEqual([
      '= ingest  done before, 1 job',
      '✓ chunk   done, 1 job in 30 s, 30 frames/s',
      '✗ probe   failed, 1 of 2 jobs: ffmpeg ended with exit code 1',
    ]);
  });

  it('on a terminal that does not know its size shows all stages too', () => {
    const shown = show({ tty: true });
    shown.stderr.columns = 0;
    shown.stderr.rows = 0;
    story(shown);
    expect(terminalShows(shown.stderr.text, 80)).toHaveLength(3);
  });

  it('on a terminal makes room for what is said meanwhile', () => {
    const shown = show({ tty: true });
    shown.at(0, 'chunk', 'chunk', 'started');
    shown.until(1000);
    shown.out.note('warn careful');
    shown.at(1000, 'chunk', 'chunk', 'done');
    shown.until(2000);
    shown.close();
    shown.out.note('after');
    expect(terminalShows(shown.stderr.text, 80)).toEqual([
      'warn careful',
      '✓ chunk  done, 1 job in 1 s',
      'after',
    ]);
  });

  it('on a terminal with --verbose adds lines, as log lines come between', () => {
    const shown = show({ tty: true, verbose: true });
    story(shown);
    expect(shown.stderr.text).not.toContain('\u001b');
    expect(shown.stderr.text).toContain('chunk: started\n');
  });

  it('says nothing where nothing happened', () => {
    const shown = show({ tty: true });
    shown.until(5000);
    shown.close();
    expect(shown.stderr.text).toBe('');
  });

  it('does not end a stage between jobs that come one after the other', () => {
    const shown = show({});
    for (let i = 0; i < 10; i++) {
      shown.at(i * 1000, 'encode', `encode.${i}`, 'added');
      shown.at(i * 1000, 'encode', `encode.${i}`, 'started');
      shown.at(i * 1000 + 900, 'encode', `encode.${i}`, 'done');
    }
    shown.close();
    expect(shown.stderr.text).toBe('encode: started\nencode: done, 10 jobs in 10 s\n');
  });

  it('starts a stage again that gets more jobs after its end', () => {
    const shown = show({ json: true });
    const once = (ms: number, job: string): void => {
      shown.at(ms, 'encode', job, 'added');
      shown.at(ms, 'encode', job, 'started');
      shown.at(ms + 500, 'encode', job, 'done');
      shown.until(ms + 5000);
    };
    once(0, 'a');
    once(5000, 'b');
    shown.close();
    const stages = shown.stdout.json().filter(({ type }) => type === 'stage');
    expect(stages.map(({ state, jobs }) => [state, jobs])).toEqual([
      ['started', undefined],
      ['finished', 1],
      ['started', undefined],
      ['finished', 2],
    ]);
  });
});
