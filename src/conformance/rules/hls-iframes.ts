import type { IframeEntry } from '../hls/iframes.js';
import type { Rule } from './rule.js';

/** Entries of an I-frame playlist. */
export interface IframeView {
  entries: readonly IframeEntry[];
}

const RANGE: Rule<IframeView> = {
  id: 'HLS-IFRAME-RANGE',
  severity: 'error',
  reference: 'RFC 8216, 4.3.3.6; Apple HLS Authoring, 6.10',
  asks: 'an entry of an I-frame playlist is a key frame of a segment: of fragmented MP4, from its moof on to the end of its first sample, a sync sample',
  check: ({ entries }, report) => {
    for (const { segment, start, end, frame, refusal, looked, opaque } of entries) {
      if (refusal || !looked || opaque) continue; // reported as such, or nothing that is read
      const { line } = segment;
      const found = `bytes ${start}-${end - 1}`;
      if (!frame) report({ line, expected: 'bytes that begin with a moof', found });
      else if (frame.start !== start || frame.firstEnd !== end) {
        report({ line, expected: `bytes ${frame.start}-${frame.firstEnd - 1}`, found });
      } else if (!frame.sync) report({ line, expected: 'a sync sample', found: 'another' });
    }
  },
};

export const HLS_IFRAME_RULES: readonly Rule<IframeView>[] = [RANGE];
