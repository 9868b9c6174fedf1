import { isDeepStrictEqual } from 'node:util';
import type { SampleEntry } from '../../conformance/index.js';
import { type CodePoints, codePointsOf } from '../cicp.js';
import type { VideoInput } from '../types.js';
import type { Findings } from './findings.js';

function words(points: Partial<CodePoints> | undefined): string {
  return points ? `${points.primaries}/${points.transfer}/${points.matrix}` : 'none';
}

/** The colour description and the light levels of an initialisation segment, `file`, against the rendition's. */
export function checkColour(
  { colour, light }: SampleEntry,
  video: VideoInput,
  file: string,
  findings: Findings,
): void {
  const planned = video.colour && codePointsOf(video.colour);
  if (planned && !isDeepStrictEqual(colour, planned)) {
    findings.add('colour-wrong', file, `its colour is ${words(colour)}, not ${words(planned)}`);
  }
  if (!isDeepStrictEqual(light, video.hdr ?? {})) {
    const [found, wanted] = [light, video.hdr ?? {}].map((one) => JSON.stringify(one));
    findings.add('light-wrong', file, `its HDR metadata is ${found}, not ${wanted}`);
  }
}
