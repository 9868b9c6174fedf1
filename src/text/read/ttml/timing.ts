import type { Attributes } from './document.js';

/** How a document counts time (TTML2, 7.2: ttp:… parameters). */
export interface TimeBase {
  /** Frames counted in a second of a timecode, e.g. 30. */
  nominalRate: number;
  /** Frames a second, e.g. 30000/1001. */
  frameRate: number;
  subFrameRate: number;
  tickRate: number;
  /** Timecodes are labels of frames, so that they run slower or faster than time where rates are not whole. */
  smpte: boolean;
  dropMode: 'nonDrop' | 'dropNTSC' | 'dropPAL';
}

const positive = (text: string | undefined): number | undefined => {
  const value = Number(/^\d{1,9}$/.exec(text ?? '')?.[0] ?? 0);
  return value > 0 ? value : undefined;
};

/** Reads the parameters of the root; undefined for wall-clock time, which has nothing to do with a title's. */
export function timeBaseOf(root: Attributes): TimeBase | undefined {
  const timeBase = root.get('ttp:timeBase') ?? 'media';
  if (timeBase === 'clock') return undefined;
  const declared = positive(root.get('ttp:frameRate'));
  const nominalRate = declared ?? 30;
  const multiplier = /^(\d{1,9})[\s:]+(\d{1,9})$/.exec((root.get('ttp:frameRateMultiplier') ?? '').trim());
  const ratio = multiplier ? Number(multiplier[1]) / Number(multiplier[2]) : 1;
  const frameRate = nominalRate * (Number.isFinite(ratio) && ratio > 0 ? ratio : 1);
  const subFrameRate = positive(root.get('ttp:subFrameRate')) ?? 1;
  const drop = root.get('ttp:dropMode');
  return {
    ...{ nominalRate, frameRate, subFrameRate, smpte: timeBase === 'smpte' },
    tickRate: positive(root.get('ttp:tickRate')) ?? (declared === undefined ? 1 : frameRate * subFrameRate),
    dropMode: drop === 'dropNTSC' || drop === 'dropPAL' ? drop : 'nonDrop',
  };
}

const CLOCK = /^(\d{2,6}):(\d{2}):(\d{2})(?:\.(\d{1,12})|[:;](\d{2,3})(?:\.(\d{1,6}))?)?$/;
const OFFSET = /^(\d{1,12}(?:\.\d{1,12})?)(h|m|s|ms|f|t)$/;

/** Frame labels that were left out before a time (TTML2, appendix on SMPTE time code; two a minute, four every other minute). */
function dropped(hours: number, minutes: number, mode: TimeBase['dropMode']): number {
  const all = hours * 60 + minutes;
  if (mode === 'dropNTSC') return 2 * (all - Math.floor(all / 10));
  if (mode === 'dropPAL') return 4 * (Math.floor(all / 2) - Math.floor(all / 20));
  return 0;
}

function clockTime(match: RegExpExecArray, base: TimeBase): number | undefined {
  const [, h = '', m = '', s = '', fraction, frames, subFrames = '0'] = match;
  const [hours, minutes, seconds] = [Number(h), Number(m), Number(s)];
  if (minutes > 59 || seconds > 60 || Number(frames ?? 0) >= base.nominalRate) return undefined;
  const whole = (hours * 60 + minutes) * 60 + seconds;
  if (fraction !== undefined) return (whole + Number(`0.${fraction}`)) * 1000;
  const inFrames = Number(frames ?? 0) + Number(subFrames) / base.subFrameRate;
  if (!base.smpte) return (whole + inFrames / base.frameRate) * 1000;
  const count = whole * base.nominalRate + inFrames - dropped(hours, minutes, base.dropMode);
  return (count / base.frameRate) * 1000;
}

/** A time expression (TTML2, 12.3.1), milliseconds, not rounded; undefined where it is none. */
export function parseTimeExpression(text: string, base: TimeBase): number | undefined {
  const clock = CLOCK.exec(text.trim());
  if (clock) return clockTime(clock, base);
  const offset = OFFSET.exec(text.trim());
  if (!offset) return undefined;
  const value = Number(offset[1]);
  switch (offset[2]) {
    case 'h':
      return value * 3_600_000;
    case 'm':
      return value * 60_000;
    case 's':
      return value * 1000;
    case 'ms':
      return value;
    case 'f':
      return (value / base.frameRate) * 1000;
    default:
      return (value / base.tickRate) * 1000;
  }
}

/** How long an hour of the document's clock lasts, milliseconds. */
export function hourOf(base: TimeBase): number {
  return parseTimeExpression('01:00:00:00', base) ?? 3_600_000;
}

/** When an element is active, milliseconds; the end is Infinity where nothing ends it. */
export interface Interval {
  begin: number;
  end: number;
}

/** Times of one element as it says them, relative to where its container lets it begin. */
export interface Timing {
  begin?: number;
  end?: number;
  dur?: number;
}

/** `from`: where its container lets it begin: the container's begin, or in a sequence the end of what precedes it. */
export function activeInterval({ begin = 0, end, dur }: Timing, from: number, container: Interval): Interval {
  const start = from + begin;
  const ends = [end === undefined ? Infinity : from + end, dur === undefined ? Infinity : start + dur];
  return { begin: Math.max(container.begin, start), end: Math.min(container.end, ...ends) };
}
