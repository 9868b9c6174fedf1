import type { Webvtt, WebvttProblem } from '../media/webvtt.js';
import type { Report, Rule } from './rule.js';

function reportAll({ problems }: Webvtt, kind: WebvttProblem['kind'], report: Report): void {
  for (const { line, expected, found } of problems.filter((one) => one.kind === kind)) {
    report({ line, expected, found });
  }
}

const MAP: Rule<Webvtt> = {
  id: 'HLS-TIMESTAMP-MAP',
  severity: 'error',
  reference: 'RFC 8216, 3.5',
  asks: 'X-TIMESTAMP-MAP stands once in the header of a WebVTT segment, and says LOCAL and MPEGTS',
  check: (webvtt, report) => reportAll(webvtt, 'map', report),
};

const CUES: Rule<Webvtt> = {
  id: 'HLS-WEBVTT-CUES',
  severity: 'error',
  reference: 'W3C WebVTT, 4.1 and 4.2',
  asks: 'cues of WebVTT segments have timings, end after they start, and come in the order of their starts',
  check: (webvtt, report) => reportAll(webvtt, 'cue', report),
};

/** Applied to every WebVTT segment. */
export const WEBVTT_RULES: readonly Rule<Webvtt>[] = [MAP, CUES];
