import { type Rational, frameSeconds } from '../../media/index.js';
import { initName } from '../packager/names.js';
import { attributeOf } from '../packager/timeline.js';
import type { KeyPeriod } from './plan.js';
import { type Slot, slotsFrom, slotsOf, timelineXml } from './timeline.js';

const ADAPTATION_SET = /[ \t]*<AdaptationSet\b[\s\S]*?<\/AdaptationSet>\n/g;
const TEMPLATE = /[ \t]*<SegmentTemplate\b(?:[^>]*\/>|[^>]*>[\s\S]*?<\/SegmentTemplate>)/g;

/** Microseconds: what durations in an MPD are rounded to. */
function micros(frames: number, fps: Rational): number {
  return Math.round(frameSeconds(frames, fps) * 1e6);
}

const xsDuration = (microseconds: number): string => `PT${Number((microseconds / 1e6).toFixed(6))}S`;

interface Span {
  period: KeyPeriod;
  fps: Rational;
  /** Frames of the title. */
  frames: number;
}

/** Ticks of a frame's time, to the nearest. */
function ticksOf(frame: number, { num, den }: Rational, timescale: number): number {
  return Math.round((frame * den * timescale) / num);
}

/** The segments of a template, with the number of the first. Sheets of thumbnails are of one duration. */
function listedIn(template: string, timescale: number, { frames, fps }: Span): Slot[] {
  const each = Number(/\sduration="(\d+)"/.exec(template)?.[1] ?? 0);
  if (each === 0) return slotsOf(template);
  const count = Math.ceil(Number((ticksOf(frames, fps, timescale) / each).toFixed(6)));
  return slotsFrom(
    0,
    Array.from({ length: count }, () => each),
  );
}

/**
 * What of a template belongs to a key period. Of pictures and sound, which are encrypted, the segments that begin in it: they
 * were cut where it begins, sound at the first frame after. Of what is not encrypted all that is shown in it: a segment that
 * goes across the border is in both periods.
 */
function templateIn(xml: string, encrypted: boolean, span: Span): string {
  const { period, fps } = span;
  const timescale = Number(attributeOf(xml, 'timescale'));
  const from = ticksOf(period.startFrame, fps, timescale);
  const to = ticksOf(period.endFrame, fps, timescale);
  const slots = listedIn(xml, timescale, span);
  // Within a tick: a timescale may not hold a whole number of ticks a frame.
  const within = ({ start, duration }: Slot): boolean =>
    encrypted ? start >= from - 1 && start < to - 1 : start < to && start + duration > from;
  const first = slots.findIndex(within);
  const own = slots.filter(within);
  // Pictures begin with the period to the tick, so that players cut nothing off their first frame.
  const start = own[0]?.start ?? from;
  const offset = encrypted && Math.abs(start - from) <= 1 ? start : from;

  const indent = /^[ \t]*/.exec(xml)?.[0] ?? '';
  const tag = /<SegmentTemplate\b[^>]*?(?=\s*\/?>)/.exec(xml)?.[0] ?? '';
  const edited = tag
    .replace(/\s(?:duration|presentationTimeOffset)="\d+"/g, '')
    .replace(/(\sstartNumber=)"(\d+)"/, (_, name: string, number: string) => {
      return `${name}"${Number(number) + Math.max(0, first)}"`;
    })
    .replace(/(\stimescale="\d+")/, `$1 presentationTimeOffset="${offset}"`)
    .replace(/(\sinitialization="[^"]*\/)init\.mp4"/, (all, before: string) =>
      encrypted ? `${before}${initName(period.index)}"` : all,
    );
  return `${indent}${edited}>\n${timelineXml(own, `${indent}  `)}\n${indent}</SegmentTemplate>`;
}

function setIn(set: string, span: Span): string {
  const encrypted = /\scontentType="(?:video|audio)"/.test(set);
  return set.replace(TEMPLATE, (template) => templateIn(template, encrypted, span));
}

/**
 * The MPD of a title with several key periods, each a Period of its own. `mpds` are the title's MPD of one period with the
 * protection of each key period; nothing else differs in them. Adaptation sets and representations keep their ids, by which
 * players know what goes on; they are not declared connected or continuous, which would promise that the initialisation
 * segment of one period plays the other (ISO/IEC 23009-1, 5.3.2.4; DASH-IF IOP 5, period connectivity): it names another key.
 */
export function splitMpd(
  mpds: readonly string[],
  periods: readonly KeyPeriod[],
  { frames, fps }: { frames: number; fps: Rational },
): string {
  const elements = periods.map((period) => {
    const mpd = mpds[period.index] ?? '';
    const content = /<Period\b[^>]*>\n([\s\S]*)[ \t]*<\/Period>/.exec(mpd)?.[1] ?? '';
    const [start, end] = [micros(period.startFrame, fps), micros(period.endFrame, fps)];
    const tag = `<Period id="${period.index}" start="${xsDuration(start)}" duration="${xsDuration(end - start)}">`;
    const sets = content.trimEnd().concat('\n');
    const split = sets.replace(ADAPTATION_SET, (set) => setIn(set, { period, fps, frames }));
    return `  ${tag}\n${split}  </Period>`;
  });
  return (mpds[0] ?? '').replace(/[ \t]*<Period\b[\s\S]*<\/Period>/, () => elements.join('\n'));
}
