import pino, { type Logger } from 'pino';
import type { Database, NewTitle, Title, TitleError, TitleResult } from '../../src/db/index.js';

export const silent = pino({ level: 'silent' });
export const never = new AbortController().signal;

/** A log whose lines can be looked at: messages, and everything as text. */
export function capturedLog(): { log: Logger; messages: () => string[]; text: () => string } {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  return {
    log,
    messages: () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    text: () => lines.join(''),
  };
}

let made = 0;

/** A title that nobody has submitted before. */
export function newTitle(more: Partial<NewTitle> = {}): NewTitle {
  made += 1;
  return {
    id: `title-${String(made).padStart(6, '0')}`,
    name: 'master.mov',
    source: { kind: 's3', bucket: 'masters', key: 'a/b.mov', bytes: 5_000_000_000, etag: '"abc"' },
    profile: 'default',
    options: { codecs: ['h264'], limits: { maxPixels: 1 } },
    priority: 5,
    requestDigest: 'd1',
    tokenId: 'token-1',
    ...more,
  };
}

export const RESULT: TitleResult = {
  ...{ frames: 720, fps: '24/1', width: 1920, height: 1080, findings: 2 },
  renditions: [
    {
      ...{ id: 'h264-1080p', codec: 'h264', width: 1920, height: 1080 },
      ...{ averageBitrate: 3_476_000, peakBitrate: 5_100_000, vmaf: 94.93712345678901 },
    },
  ],
  cost: { wallSeconds: 95.2, cpuSeconds: 170.4, encodes: 96, cacheHits: 0 },
  manifests: ['manifest.mpd', 'master.m3u8'],
};

export const FAILURE: TitleError = {
  code: 'MASTER_EMPTY',
  message: 'a.mov is empty',
  hint: 'Copy it again.',
};

/** What is known of a title that was just submitted. */
export function submitted({ requestDigest: _, ...title }: NewTitle): Partial<Title> {
  return { ...title, state: 'queued', attempt: 1 };
}

/** A time as all times are told. */
export const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so; fails after ten seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await isSo()) return;
    await pause(20);
  }
  throw new Error(`not within ten seconds: ${what}`);
}

/** One database, as two control planes have it open. */
export interface Opened {
  db: Database;
  /** The same facts through another pool; the same database where only one process can have it. */
  peer: Database;
  /** Of the server, where it is one. */
  url?: string;
  /** Looks at the tables, or changes them behind the program's back. */
  query(statement: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Tests of one part of the contract. */
export type Part = (opened: () => Opened) => void;
