import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { LIMITS } from '../limits.js';
import { type Answer, fetchRange } from './http-request.js';
import { SOURCE_LIMIT, SOURCE_MISSING, SOURCE_OUTSIDE } from './rules.js';
import { type Refusal, ReadRefused, type Resource, type Source } from './source.js';

/** What is asked for first: a fragment's head and the beginning of its first sample fit into it. */
const FIRST_BYTES = 64 * 1024;

const ATTEMPTS = 3;
const WAIT_MS = 500;

/** A server that does not answer is not waited for a thousand times. */
const GONE: Answer = {
  ...{ kind: 'refused', why: 'silent', transient: false },
  found: `nothing: ${LIMITS.unanswered} requests in a row had no answer`,
};

function isSilent(answer: Answer): boolean {
  return answer.kind === 'refused' && answer.why === 'silent';
}

function refusalOf(answer: Extract<Answer, { kind: 'refused' }>): Refusal {
  const { why, found } = answer;
  if (why === 'limit') return { rule: SOURCE_LIMIT, expected: 'an answer of a size that is read', found };
  if (why === 'outside') return { rule: SOURCE_OUTSIDE, expected: 'an http or https URL', found };
  return { rule: SOURCE_MISSING, expected: 'an answer with its bytes', found };
}

/** What lies below the first URL's folder by its path, else host and path: queries may hold tokens. */
function nameBelow(root: string): (url: string) => string {
  return (url) => {
    const bare = url.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)[^/@]*@/, '$1');
    return bare.startsWith(root) ? bare.slice(root.length) : bare;
  };
}

/** Streams on servers. Ranges are asked for; a server that sends everything is read to a limit. */
export function httpSource(manifest: string, signal: AbortSignal): Source {
  const limit = pLimit(LIMITS.parallel);
  const root = new URL('.', manifest).href.replace(/[?#].*$/s, '');

  /** Requests in a row that a server did not answer, by its origin. */
  const silent = new Map<string, number>();

  const ask = async (url: string, offset: number, length: number): Promise<Answer> => {
    const { origin } = new URL(url);
    for (let attempt = 1; ; attempt += 1) {
      if ((silent.get(origin) ?? 0) >= LIMITS.unanswered) return GONE;
      const answer = await limit(() => fetchRange(url, offset, length, signal));
      silent.set(origin, isSilent(answer) ? (silent.get(origin) ?? 0) + 1 : 0);
      if (answer.kind === 'bytes' || !answer.transient || attempt === ATTEMPTS) return answer;
      await sleep(WAIT_MS * attempt, undefined, { signal });
    }
  };

  return {
    root,
    nameOf: nameBelow(root),
    open: async (url) => {
      const first = await ask(url, 0, FIRST_BYTES);
      if (first.kind === 'refused') return refusalOf(first);
      return resourceOf(first, (offset, length) => ask(first.url, offset, length));
    },
  };
}

function resourceOf(
  first: Extract<Answer, { kind: 'bytes' }>,
  ask: (offset: number, length: number) => Promise<Answer>,
): Resource {
  const { url, size, bytes } = first;
  return {
    url,
    size,
    read: async (offset, length) => {
      const end = Math.min(size, offset + length);
      if (end <= bytes.length) return bytes.subarray(Math.min(offset, end), end);
      const answer = await ask(offset, end - offset);
      if (answer.kind === 'refused') throw new ReadRefused(refusalOf(answer));
      return answer.bytes.subarray(0, end - offset);
    },
  };
}
