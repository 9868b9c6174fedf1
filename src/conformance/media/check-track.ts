import { createHash } from 'node:crypto';
import type { Context } from '../context.js';
import { profilesOfInit } from '../profiles.js';
import { check } from '../rules/check.js';
import { TRACK_RULES } from '../rules/tracks.js';
import type { Content, Track } from './reader.js';
import { type SegmentRef, partKey } from './references.js';

/** Reads the segments of a list and applies the rules about them to each and, once a list, to their order. */
export async function readTrack(
  refs: readonly SegmentRef[],
  file: string,
  content: Content,
  context: Context,
): Promise<Track> {
  const { reader, findings, forced, checkedLists, progress } = context;
  progress.list(refs.length);
  const track = await reader.track(refs, file, content);
  const hash = createHash('sha256');
  for (const ref of refs) hash.update(`${partKey(ref)} ${ref.discontinuity}\n`);
  const key = hash.digest('hex');
  if (checkedLists.has(key)) return track;
  checkedLists.add(key);
  const init = track.find((facts) => facts?.init)?.init;
  check(TRACK_RULES, { refs, track }, file, init ? profilesOfInit(init, forced) : forced, findings);
  return track;
}
