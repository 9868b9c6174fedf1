import { type Timeline, attributeOf, readTimelines } from '../packager/timeline.js';

/** A segment as a SegmentTimeline has it, ticks. */
export interface Slot {
  start: number;
  duration: number;
}

/** The segments of a timeline, from `start` on. */
export function slotsFrom(start: number, durations: readonly number[]): Slot[] {
  let next = start;
  return durations.map((duration) => {
    const slot = { start: next, duration };
    next += duration;
    return slot;
  });
}

/** A SegmentTimeline element without a line break at its end; runs of equal durations are one entry. */
export function timelineXml(slots: readonly Slot[], indent: string): string {
  const runs: { start: number; duration: number; repeat: number }[] = [];
  for (const { start, duration } of slots) {
    const last = runs.at(-1);
    const follows = last && last.start + last.duration * (last.repeat + 1) === start;
    if (follows && last.duration === duration) last.repeat += 1;
    else runs.push({ start, duration, repeat: 0 });
  }
  return [
    `${indent}<SegmentTimeline>`,
    ...runs.map(
      ({ start, duration, repeat }) =>
        `${indent}  <S t="${start}" d="${duration}"${repeat > 0 ? ` r="${repeat}"` : ''}/>`,
    ),
    `${indent}</SegmentTimeline>`,
  ].join('\n');
}

/** The segments that a SegmentTemplate lists in a SegmentTimeline. Throws PACKAGE_MANIFEST. */
export function slotsOf(template: string): Slot[] {
  const slots: Slot[] = [];
  for (const entry of template.match(/<S\b[^>]*>/g) ?? []) {
    const last = slots.at(-1);
    const text = /\st="(\d+)"/.exec(entry)?.[1];
    const start = text === undefined ? (last ? last.start + last.duration : 0) : Number(text);
    const count = Number(/\sr="(\d+)"/.exec(entry)?.[1] ?? 0) + 1;
    const duration = Number(attributeOf(entry, 'd'));
    slots.push(
      ...slotsFrom(
        start,
        Array.from({ length: count }, () => duration),
      ),
    );
  }
  return slots;
}

/** Timelines of every rendition by folder; of several periods in their order. */
export function timelinesByFolder(mpd: string): Map<string, Timeline[]> {
  const byFolder = new Map<string, Timeline[]>();
  for (const timeline of readTimelines(mpd)) {
    byFolder.set(timeline.folder, [...(byFolder.get(timeline.folder) ?? []), timeline]);
  }
  return byFolder;
}
