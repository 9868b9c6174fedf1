import type { Finding, Severity } from './types.js';

/**
 * Every finding and how grave it is. `info`: for the record; `warning`: someone should look; `error`: something of
 * the master is missing or wrong in what ships. Each is explained in docs/findings.md.
 */
export const FINDINGS = {
  'alpha-dropped': 'warning',
  'audio-clipping': 'warning',
  'audio-faults': 'warning',
  'audio-length-mismatch': 'warning',
  'audio-offset': 'warning',
  'audio-skipped': 'error',
  'audio-undecodable': 'error',
  'bit-depth-reduced': 'info',
  'black-frames': 'info',
  'chroma-converted': 'info',
  'colour-assumed': 'warning',
  'corrupt-packets': 'error',
  deinterlaced: 'warning',
  'dropped-frames': 'warning',
  'duplicate-timestamps': 'warning',
  'edit-list': 'info',
  'extra-video-streams': 'warning',
  'frame-rate-unknown': 'warning',
  'frozen-frames': 'warning',
  'full-range': 'info',
  hdr: 'info',
  'hdr-dynamic-dropped': 'warning',
  'hdr-metadata-invalid': 'warning',
  'hdr-metadata-unused': 'warning',
  'hidden-frames': 'info',
  'interlace-flag-wrong': 'info',
  letterbox: 'info',
  'low-frame-rate': 'info',
  'master-upscaled': 'warning',
  'mixed-interlace': 'warning',
  'no-audio': 'info',
  'non-square-pixels': 'info',
  'odd-dimensions': 'info',
  'rgb-converted': 'info',
  rotated: 'info',
  silence: 'info',
  'silent-track': 'warning',
  'size-change': 'warning',
  truncated: 'error',
  'variable-frame-rate': 'warning',
  'very-short': 'info',
} as const satisfies Record<string, Severity>;

export type FindingCode = keyof typeof FINDINGS;

/** Frames that a finding is about, half-open: [start, end). */
export interface FrameRange {
  start: number;
  end: number;
}

/** A finding with the severity of its code. */
export function finding(code: FindingCode, message: string, range?: FrameRange): Finding {
  return {
    code,
    severity: FINDINGS[code],
    ...(range ? { startFrame: range.start, endFrame: range.end } : {}),
    message,
  };
}

/** Ranges of one code that are listed; a hostile or broken master could give one for every second frame. */
export const MAX_RANGES = 50;

/** One finding a range, at most MAX_RANGES; the last then says how many more there are. */
export function rangeFindings(
  code: FindingCode,
  ranges: readonly FrameRange[],
  message: (range: FrameRange) => string,
): Finding[] {
  const listed = ranges.slice(0, MAX_RANGES).map((range) => finding(code, message(range), range));
  const more = ranges.length - listed.length;
  return more > 0 ? [...listed, finding(code, `and ${more} more of these, not listed`)] : listed;
}
