import type { Init } from '../../src/conformance/boxes/init.js';
import { Findings } from '../../src/conformance/findings.js';
import { Opener } from '../../src/conformance/media/opener.js';
import { MediaReader } from '../../src/conformance/media/reader.js';
import type { TrackTimes } from '../../src/conformance/media/segment.js';
import { localUrl } from '../../src/conformance/index.js';
import { memorySource } from './memory.js';

function readerOf(files: Record<string, Buffer>): MediaReader {
  return new MediaReader({
    opener: new Opener(memorySource(new Map(Object.entries(files)))),
    ...{ findings: new Findings(), forced: new Set(), signal: new AbortController().signal },
    onSegment: () => undefined,
  });
}

/** What the boxes of a file's start say. */
export async function readInit(bytes: Buffer): Promise<Init> {
  const init = await readerOf({ init: bytes }).init({ url: localUrl('init') }, '');
  if (!init) throw new Error('this is no initialisation segment');
  return init;
}

/** Times of the one track of a segment. */
export async function readSegment(init: Buffer, bytes: Buffer): Promise<TrackTimes> {
  const ref = { url: localUrl('1'), init: { url: localUrl('init') }, seconds: 0, discontinuity: false };
  const [facts] = await readerOf({ init, 1: bytes }).track([ref], '', 'mp4');
  const times = facts?.tracks[0];
  if (!times) throw new Error('this is no segment');
  return times;
}
