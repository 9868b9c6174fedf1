import { plural } from '../../../report/browser.js';
import type { ApiEvent, ApiTitle } from '../../../services/contract/schema.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago a time is, coarsely: `now`, `40 s`, `12 min`, `5 h`, `3 days`. A clock that is ahead gives `now`. */
export function age(time: string, nowMs: number): string {
  const seconds = Math.floor((nowMs - Date.parse(time)) / 1000);
  if (seconds < 5) return 'now';
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  return plural(Math.floor(seconds / DAY), 'day');
}

/** The same as part of a sentence: `just now`, `12 min ago`. */
export function ago(time: string, nowMs: number): string {
  const text = age(time, nowMs);
  return text === 'now' ? 'just now' : `${text} ago`;
}

/** Seconds from one time to another; undefined where one is not known. */
export function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** Names of codecs as people write them. */
const CODECS: Readonly<Record<string, string>> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9' };

/** The name of a codec, or of a codec and what follows it: `hevc PQ` → `HEVC PQ`. */
export function codecName(codec: string): string {
  return codec.replace(/^\w+/, (name) => CODECS[name] ?? name);
}

/** What became of a title, one short line. */
export function outcome(result: NonNullable<ApiTitle['result']>): string {
  const codecs = [...new Set(result.renditions.map(({ codec }) => codecName(codec)))].join(', ');
  const tallest = Math.max(0, ...result.renditions.map(({ height }) => height));
  return `${plural(result.renditions.length, 'rendition')} to ${tallest}p, ${codecs}`;
}

/** By type of event; the server may know more types than this page does. */
const NEWS: Readonly<Record<string, string>> = {
  'title.submitted': 'was submitted',
  'title.started': 'has started',
  'title.published': 'is done',
  'title.failed': 'failed',
  'title.cancelling': 'is being cancelled',
  'title.cancelled': 'was cancelled',
  'title.retried': 'was queued again',
  'title.deleted': 'was deleted',
};

/** Events as one sentence to be read out; a flood of them is counted instead. */
export function announcement(events: readonly ApiEvent[], most = 3): string {
  if (events.length > most) return `${plural(events.length, 'change')} of titles`;
  return events.map(({ type, data }) => `${data.name} ${NEWS[type] ?? 'has changed'}`).join('. ');
}
