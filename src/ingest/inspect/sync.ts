import { frameSeconds } from '../../media/index.js';
import { finding } from '../findings.js';
import type { Finding, IngestResult } from '../types.js';

/** Sound may start this much before or after the picture, seconds, before it is noted: about a frame at 25 fps. */
export const MAX_OFFSET_SECONDS = 0.04;

/** Sound may end this much before or after the picture, seconds. */
export const MAX_END_SECONDS = 0.5;

const display = (seconds: number): string => String(Math.round(Math.abs(seconds) * 1000) / 1000);

/** Compares where sound and picture begin and end. Pure: from ingest's facts. */
export function syncFindings(ingest: Pick<IngestResult, 'audio' | 'picture'>): Finding[] {
  const pictureEnds = frameSeconds(ingest.picture.frames, ingest.picture.fps);
  return ingest.audio.flatMap(({ track, offsetSeconds, durationSeconds }) => {
    const findings: Finding[] = [];
    if (Math.abs(offsetSeconds) > MAX_OFFSET_SECONDS) {
      const when = offsetSeconds > 0 ? 'after' : 'before';
      const message = `audio track ${track} starts ${display(offsetSeconds)} s ${when} the picture`;
      findings.push(finding('audio-offset', message));
    }
    const late = offsetSeconds + durationSeconds - pictureEnds;
    if (Math.abs(late) > MAX_END_SECONDS) {
      const when = late > 0 ? 'after' : 'before';
      findings.push(
        finding('audio-length-mismatch', `audio track ${track} ends ${display(late)} s ${when} the picture`),
      );
    }
    return findings;
  });
}
