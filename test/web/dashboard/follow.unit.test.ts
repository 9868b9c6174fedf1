import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/web/dashboard/live/backoff.js';
import { type LiveState, follow } from '../../../src/web/dashboard/live/follow.js';

describe('backoffMs', () => {
  it('doubles to half a minute, in the upper half of each step', () => {
    const steps = [1, 2, 3, 4, 5, 6, 7, 8, 40];
    expect(steps.map((attempt) => backoffMs(attempt, () => 1))).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(steps.map((attempt) => backoffMs(attempt, () => 0))).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
    ]);
    expect(backoffMs(1, () => 0, 2000)).toBe(2000);
    expect(backoffMs(5, () => 1, 2000)).toBe(8000);
  });
});

/** What one connection does: the pieces it gives, and how it ends. */
type Connection =
  { pieces: string[]; end: 'closed' | 'broken' | 'silent' } | { status: number } | { unreachable: true };

function answer(connection: Connection, signal: AbortSignal): Response {
  if ('unreachable' in connection) throw new TypeError('fetch failed');
  if ('status' in connection) return new Response('no', { status: connection.status });
  const pieces = [...connection.pieces];
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
      else if (connection.end === 'closed') controller.close();
      else if (connection.end === 'broken') controller.error(new TypeError('network error'));
    },
  });
  return new Response(body, { status: 200 });
}

interface Told {
  /** Last-Event-ID of every try. */
  asked: string[];
  messages: string[];
  states: LiveState['kind'][];
  whys: string[];
  slept: number[];
}

/** Follows a list of connections; stops when they are over. */
async function run(connections: Connection[], onMessage?: (data: string) => void): Promise<Told> {
  const told: Told = { asked: [], messages: [], states: [], whys: [], slept: [] };
  const stop = new AbortController();
  let next = 0;
  await follow({
    // eslint-disable-next-line @typescript-eslint/require-await -- throws as fetch does: by rejecting
    open: async (lastEventId, signal) => {
      told.asked.push(lastEventId);
      return answer(connections[next++]!, signal);
    },
    onMessage: ({ data }) => {
      told.messages.push(data);
      onMessage?.(data);
    },
    onState: (state) => {
      told.states.push(state.kind);
      if ('why' in state) told.whys.push(state.why);
    },
    signal: stop.signal,
    sleep: (ms) => {
      told.slept.push(ms);
      if (next === connections.length) stop.abort();
      return Promise.resolve();
    },
    random: () => 1,
    silenceMs: 30,
  });
  return told;
}

describe('follow', () => {
  it('comes back after a break with the last id, and waits longer the longer nobody answers', async () => {
    const told = await run([
      { pieces: ['id: 4\ndata: a\n\nid: 5\nda', 'ta: b\n\ndata: cut of'], end: 'broken' },
      { unreachable: true },
      { status: 503 },
      { pieces: ['data: c\n\n'], end: 'broken' },
      { unreachable: true },
    ]);
    expect(told.messages).toEqual(['a', 'b', 'c']);
    expect(told.asked).toEqual(['', '5', '5', '5', '5']);
    // The fourth gave something: the next loss is the first one again.
    expect(told.slept).toEqual([500, 1000, 2000, 500, 1000]);
    expect(told.states).toEqual([
      'connecting',
      'live',
      'waiting',
      'waiting',
      'waiting',
      'live',
      'waiting',
      'waiting',
    ]);
    expect(told.whys).toEqual([
      'network error',
      'fetch failed',
      'the server answered 503',
      'network error',
      'fetch failed',
    ]);
  });

  it('does not call it a loss where the server ends a stream that gave something, even a comment', async () => {
    const told = await run([
      { pieces: [': alive\n\n'], end: 'closed' },
      { pieces: ['id: 9\ndata: a\n\n'], end: 'closed' },
    ]);
    expect(told.states).toEqual(['connecting', 'live', 'live']);
    expect(told.asked).toEqual(['', '']);
    expect(told.slept).toEqual([500, 500]);
  });

  it('backs off from a server that opens streams and ends them empty', async () => {
    const empty: Connection = { pieces: [], end: 'closed' };
    const told = await run([empty, empty, empty]);
    expect(told.slept).toEqual([500, 1000, 2000]);
    expect(told.whys).toEqual(Array(3).fill('the server ended the stream'));
  });

  it('waits as long as the server asks for', async () => {
    const told = await run([{ pieces: ['retry: 3000\n\n'], end: 'broken' }]);
    expect(told.slept).toEqual([3000]);
  });

  it('gives up a connection that has fallen silent', async () => {
    const told = await run([{ pieces: ['data: a\n\n'], end: 'silent' }]);
    expect(told.messages).toEqual(['a']);
    expect(told.whys).toEqual(['nothing was heard for too long']);
  });

  it.each([400, 401, 403, 404, 410])('stays away after %i', async (status) => {
    const told = await run([{ status }]);
    expect(told.states).toEqual(['connecting', 'refused']);
    expect(told.whys).toEqual([`the server answered ${status}`]);
    expect(told.slept).toEqual([]);
  });

  it('goes on after a message that it cannot read, from the one after it', async () => {
    const told = await run(
      [
        { pieces: ['id: 1\ndata: bad\n\n'], end: 'closed' },
        { pieces: ['id: 2\ndata: good\n\n'], end: 'closed' },
      ],
      (data) => {
        if (data === 'bad') throw new SyntaxError('not JSON');
      },
    );
    expect(told.messages).toEqual(['bad', 'good']);
    expect(told.asked).toEqual(['', '1']);
    expect(told.whys).toEqual(['not JSON']);
  });

  it('says nothing once it was stopped', async () => {
    const stop = new AbortController();
    const states: string[] = [];
    const done = follow({
      open: (_id, signal) => Promise.resolve(answer({ pieces: ['data: a\n\n'], end: 'silent' }, signal)),
      onMessage: () => stop.abort(),
      onState: ({ kind }) => states.push(kind),
      signal: stop.signal,
      sleep: () => Promise.reject(new Error('must not wait')),
    });
    await done;
    expect(states).toEqual(['connecting', 'live']);
  });
});
