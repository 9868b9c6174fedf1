import { useEffect, useRef } from 'preact/hooks';
import type { ApiEvent, Progress } from '../../../services/contract/schema.js';
import { announcement } from '../state/words.js';
import { follow } from '../live/follow.js';
import { useApp } from './context.js';

/** What the stream tells: something that happened to a title, or how far one is. */
export type LiveMessage = { kind: 'event'; event: ApiEvent } | { kind: 'progress'; progress: Progress };

/** Messages are handed on together, so that many running titles do not draw the page a hundred times a second. */
const FLUSH_MS = 150;
/** One loss is made good before anybody has heard of it. */
const WORTH_SAYING = 2;

/** Waits; no longer once the network is back or somebody looks at the page again. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const inner = new AbortController();
    const done = (): void => {
      clearTimeout(timer);
      inner.abort();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const seen = (): void => {
      if (document.visibilityState === 'visible') done();
    };
    addEventListener('online', done, { signal: inner.signal });
    document.addEventListener('visibilitychange', seen, { signal: inner.signal });
    signal.addEventListener('abort', done, { signal: inner.signal });
  });
}

export interface LiveHandlers {
  /** The stream is open, for the first time or again: what was loaded before may be old. */
  onOpen(): void;
  onMessages(messages: LiveMessage[]): void;
}

/** Follows the events of one title, or of all, while the page is shown. */
export function useLive(titleId: string | undefined, handlers: LiveHandlers): void {
  const { api, announce, showLive } = useApp();
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    const stop = new AbortController();
    let pending: LiveMessage[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** Tries in a row that found nobody. */
    let lost = 0;
    const flush = (): void => {
      timer = undefined;
      const messages = pending;
      pending = [];
      latest.current.onMessages(messages);
      const events = messages.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
      if (events.length > 0) announce(announcement(events));
    };
    void follow({
      open: (lastEventId, signal) => api.events(titleId, lastEventId, signal),
      onMessage: ({ event, data }) => {
        if (event === 'title') pending.push({ kind: 'event', event: JSON.parse(data) as ApiEvent });
        else if (event === 'progress')
          pending.push({ kind: 'progress', progress: JSON.parse(data) as Progress });
        else return; // of a later version
        timer ??= setTimeout(flush, FLUSH_MS);
      },
      onState: (state) => {
        showLive(state);
        if (state.kind === 'live') {
          if (lost >= WORTH_SAYING) announce('Live updates are back');
          lost = 0;
          latest.current.onOpen();
        } else if (state.kind === 'waiting') {
          lost += 1;
          if (lost === WORTH_SAYING) announce('Live updates are lost. Trying again.');
        }
      },
      signal: stop.signal,
      sleep,
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
      showLive(undefined);
    };
  }, [api, titleId, announce, showLive]);
}
