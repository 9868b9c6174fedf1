import { type Rational, rational } from '../media/index.js';
import { parseLooseTime } from './time.js';

/** How frames are counted in a timecode. */
export interface TimecodeRate {
  fps: Rational;
  /** Numbers of frames in a second of the timecode, e.g. 30 at 30000/1001. */
  nominal: number;
}

const MOST_FRAMES = 30;

/** Timecode of a rate: SMPTE ST 12 counts up to 30 frames a second, and pairs of frames above (50, 59.94, 60). */
export function timecodeRate(fps: Rational): TimecodeRate {
  let slow = fps;
  while (Math.round(slow.num / slow.den) > MOST_FRAMES) slow = rational(slow.num, slow.den * 2);
  return { fps: slow, nominal: Math.max(1, Math.round(slow.num / slow.den)) };
}

/** NTSC, in which captions are counted where nothing else is known. */
export const NTSC: TimecodeRate = { fps: { num: 30_000, den: 1001 }, nominal: 30 };

/** Whether a timecode counts the frames of 29.97 or, in pairs, of 59.94. */
export function isNtsc({ fps }: TimecodeRate): boolean {
  return fps.num * NTSC.fps.den === fps.den * NTSC.fps.num;
}

export interface Timecode {
  hours: number;
  minutes: number;
  seconds: number;
  frames: number;
  /** Two numbers of every minute but each tenth are left out (SMPTE ST 12-1): written with a semicolon or a point. */
  drop: boolean;
}

const TIMECODE = /^(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2})$/;

/** Undefined for text that is no timecode. */
export function parseTimecode(text: string): Timecode | undefined {
  const match = TIMECODE.exec(text);
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0, frames = 0] = [1, 2, 3, 5].map((group) => Number(match[group]));
  if (minutes > 59 || seconds > 59) return undefined;
  return { hours, minutes, seconds, frames, drop: match[4] !== ':' };
}

/** Time of a timecode, milliseconds, not rounded. */
export function timecodeMs(timecode: Timecode, { fps, nominal }: TimecodeRate): number {
  const { hours, minutes, seconds, frames, drop } = timecode;
  const allMinutes = hours * 60 + minutes;
  const left = drop && nominal === 30 ? 2 * (allMinutes - Math.floor(allMinutes / 10)) : 0;
  const count = (allMinutes * 60 + seconds) * nominal + frames - left;
  return (count * fps.den * 1000) / fps.num;
}

/** The clock of a file. */
export interface FileClock {
  /** How long its hour lasts, milliseconds. */
  hourMs: number;
  /** How it counts frames, where its own times do. */
  counted?: { rate: TimecodeRate; drop: boolean };
}

/**
 * A start that somebody gave, on the clock of a file: a timecode, a time, or seconds; milliseconds. Undefined where it is
 * none of these. `titleRate` is what timecodes count where the file's own times do not.
 */
export function parseStart(
  text: string,
  titleRate: TimecodeRate,
  { hourMs, counted }: FileClock,
): number | undefined {
  const timecode = parseTimecode(text);
  if (timecode) {
    const { hours, minutes, seconds, frames } = timecode;
    const rate = counted?.rate ?? titleRate;
    if (frames >= rate.nominal) return undefined;
    const drop = counted?.drop ?? (timecode.drop && isNtsc(rate));
    // Where numbers are dropped, minutes are not equally long: they are no even shares of the hour.
    if (drop) return Math.round(timecodeMs({ ...timecode, drop }, rate));
    const whole = (hours * 60 + minutes) * 60 + seconds;
    return Math.round((whole / 3600) * hourMs + (frames * rate.fps.den * 1000) / rate.fps.num);
  }
  if (/^\d{1,6}(?:\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1000);
  return parseLooseTime(text);
}
