import type { ShippedCue } from './shipped-cue.js';

const TIMING = /^(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})(?: (.+))?$/;
const MAP = /^X-TIMESTAMP-MAP=MPEGTS:(\d+),LOCAL:(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})$/;

const CLOCK = 90_000;

function ms(parts: readonly (string | undefined)[]): number {
  const [hours = 0, minutes = 0, seconds = 0, thousandths = 0] = parts.map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths;
}

/**
 * Reads a WebVTT segment of HLS strictly, independently of what wrote it: cues in the time of the media. Undefined where the
 * file is anything else than a header with a time map, and cues.
 */
export function readWebvttSegment(text: string): ShippedCue[] | undefined {
  if (!text.endsWith('\n\n') || text.includes('\r')) return undefined;
  const [header = '', ...blocks] = text.slice(0, -2).split('\n\n');
  const [signature, map = '', ...more] = header.split('\n');
  const mapped = MAP.exec(map);
  if (signature !== 'WEBVTT' || !mapped || more.length > 0) return undefined;
  const shift = (Number(mapped[1]) / CLOCK) * 1000 - ms(mapped.slice(2, 6));
  const cues: ShippedCue[] = [];
  for (const block of blocks) {
    const [head = '', ...payload] = block.replace(/^\n/, '').split('\n');
    const timing = TIMING.exec(head);
    if (!timing || payload.length === 0 || payload.includes('')) return undefined;
    const start = ms(timing.slice(1, 5)) + shift;
    const end = ms(timing.slice(5, 9)) + shift;
    cues.push({ start, end, settings: timing[9] ?? '', text: payload.join('\n') });
  }
  return cues;
}
