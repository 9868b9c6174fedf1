import { describe, expect, it } from 'vitest';
import { checkConformance, localUrl } from '../../src/conformance/index.js';
import { memorySource } from './memory.js';

/** Rules that an MPD breaks, of which no segment can be read. */
async function broken(attributes: string, template: string): Promise<string[]> {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S" ${attributes}>
  <Period id="0" start="PT0S">
    <AdaptationSet contentType="video" segmentAlignment="true" startWithSAP="1">
      ${template}
      <Representation id="a" bandwidth="100000" mimeType="video/mp4" codecs="avc1.64000c" width="320" height="180"/>
    </AdaptationSet>
  </Period>
</MPD>`;
  const target = {
    source: memorySource(new Map([['m.mpd', Buffer.from(text)]])),
    manifests: [localUrl('m.mpd')],
  };
  const { findings } = await checkConformance(target, { signal: new AbortController().signal });
  return findings.map(({ rule }) => rule.id).sort();
}

describe('a dynamic MPD', () => {
  const live =
    'type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z" publishTime="2026-01-02T00:00:00Z" minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT30S"';
  const template = (attributes: string, content = ''): string =>
    `<SegmentTemplate timescale="10" initialization="i.mp4" ${attributes}>${content}</SegmentTemplate>`;
  const timeline = (entries: string): string =>
    template('media="$Time$.m4s"', `<SegmentTimeline>${entries}</SegmentTimeline>`);

  it('is no fault, wherever its window begins, and whether it has segments yet', async () => {
    expect(await broken(live, timeline('<S t="123456" d="20" r="14"/>'))).toEqual([]);
    expect(await broken(live, timeline(''))).toEqual([]);
    expect(await broken(live, template('media="$Number$.m4s" duration="20" startNumber="1"'))).toEqual([]);
  });

  it('is checked as a text', async () => {
    expect(await broken(live, timeline('<S t="100" d="20"/><S t="110" d="20"/>'))).toEqual(['DASH-TIMELINE']);
    expect(await broken(live, timeline('').replace('$Time$', '$Tim$'))).toEqual(['DASH-ADDRESSING']);
  });
});

describe('a static MPD', () => {
  const text = 'type="static" mediaPresentationDuration="PT2S"';
  const template =
    '<SegmentTemplate timescale="10" initialization="i.mp4" media="$Number$.m4s" duration="20"/>';

  it('may say what only a live one has, but not that it changes', async () => {
    const depth = 'timeShiftBufferDepth="PT30S" suggestedPresentationDelay="PT6S"';
    expect(await broken(`${text} ${depth}`, template)).toEqual(['SOURCE-MISSING']);
    expect(await broken(`${text} minimumUpdatePeriod="PT2S"`, template)).toEqual([
      ...['DASH-STATIC', 'SOURCE-MISSING'],
    ]);
  });
});
