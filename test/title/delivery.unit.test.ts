import { describe, expect, it } from 'vitest';
import type { ChunkResult } from '../../src/chunker/index.js';
import type { IngestResult, InspectResult } from '../../src/ingest/index.js';
import { NO_DELIVERY, markerFindings, markersParams, reportDelivery } from '../../src/title/delivery.js';

const source = { sha256: 'a'.repeat(64), bytes: 1 };
const fps = { num: 24, den: 1 };

function ingest(seconds: number, demuxer: string): IngestResult {
  const audio = [
    { track: 0, default: false, offsetSeconds: 0 },
    { track: 1, default: true, offsetSeconds: 0.5 },
  ];
  return { source, demuxer, audio, picture: { frames: seconds * 24, fps } } as unknown as IngestResult;
}

const inspect = {
  findings: [
    { code: 'black-frames', severity: 'info', startFrame: 24, endFrame: 48, message: '' },
    { code: 'silence', severity: 'info', startFrame: 24, endFrame: 48, message: '' },
    { code: 'black-frames', severity: 'info', message: 'and 3 more of these' },
  ],
} as unknown as InspectResult;
const chunked = {
  shots: [{ index: 0, startFrame: 0, endFrame: 99, complexity: { palette: 0.4 } }],
} as unknown as ChunkResult;

describe('the search for markers', () => {
  const params = (seconds: number, demuxer: string, detect: boolean) =>
    markersParams(ingest(seconds, demuxer), inspect, chunked, { detect, minConfidence: 0.6, given: [] });
  const base = { source, fps, demuxer: 'mov' };

  it('goes by black, plain shots and the default track, in titles that are long enough', () => {
    expect(params(120, 'mov', true)).toEqual({
      ...{ ...base, splices: false, frames: 2880, audio: { track: 1, offsetSeconds: 0.5 } },
      ...{ black: [{ start: 24, end: 48 }], plain: [{ start: 0, end: 99, palette: 0.4 }] },
    });
    expect(params(119, 'mov', true)).toBeUndefined();
    expect(params(600, 'mov', false)).toBeUndefined();
  });

  it('of a transport stream is for SCTE-35 in any case', () => {
    expect(params(10, 'mpegts', false)).toEqual({
      ...{ ...base, demuxer: 'mpegts', splices: true, frames: 240, black: [], plain: [] },
    });
  });
});

it('guesses are findings, and what others say is not', () => {
  const marker = { id: 'x', kind: 'adbreak', startFrame: 5, endFrame: 5, confidence: 0.55 } as const;
  expect(
    markerFindings([
      { ...marker, source: 'detected', evidence: ['1.00 s black and silent'], inManifests: false },
      { ...marker, source: 'manual', inManifests: true },
    ]),
  ).toEqual([
    {
      ...{ code: 'marker-candidate', severity: 'info', startFrame: 5, endFrame: 6 },
      message:
        'this may be a place for an ad break (confidence 0.55: 1.00 s black and silent); it is in markers.json only',
    },
  ]);
});

it('a report without delivery says nothing of it', () => {
  expect(reportDelivery(NO_DELIVERY)).toEqual({});
  expect(reportDelivery({ ...NO_DELIVERY, servers: ['a'] })).toEqual({
    delivery: { devices: [], markers: [], servers: ['a'] },
  });
});
