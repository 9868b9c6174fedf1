import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TitleShape } from '../../fixtures/renditions.js';
import {
  type Encryption,
  type PackageParams,
  type TextTrack,
  packageStage,
} from '../../src/package/index.js';
import { type Cue, formatCues } from '../../src/text/index.js';
import { encryptionFor } from '../package/drm/support.js';
import { type ToneLayout, freshContext, testTitle, toneRenditions } from '../package/support.js';
import { type TestStage } from '../support/stage.js';
import { cue } from '../text/support.js';
import type { Files } from './memory.js';

const CUES: readonly Cue[] = [
  // Over two segments, two at once, and a segment without any.
  { ...cue(500, 2600, ['one & ', { tag: 'i', content: ['two'] }]), settings: { align: 'start' } },
  cue(1000, 2000, ['at once']),
  cue(7000, 7700, ['the end']),
];

async function textTracks(stage: TestStage): Promise<TextTrack[]> {
  const path = join((await freshContext(stage)).scratch, 'cues');
  await writeFile(path, formatCues(CUES));
  const blob = await stage.put(path);
  const plain = { kind: 'subtitles', forced: false, default: false, autoselect: true } as const;
  return [
    { ...plain, id: 'text-en', language: 'en', name: 'English', default: true, blob, cues: CUES.length },
    { ...plain, id: 'text-fr', language: 'fr', name: 'fr', forced: true, blob, cues: CUES.length },
    { ...plain, id: 'text-fr-sdh', language: 'fr', name: 'SDH', kind: 'captions', blob, cues: CUES.length },
  ];
}

export interface OurOptions {
  /** With three texts, and sound in a second language. */
  languages?: boolean;
  /** Needs a stage with keys. */
  encryption?: Partial<Encryption>;
}

async function makeTitle(
  stage: TestStage,
  shape: TitleShape,
  layout: ToneLayout,
  languages: boolean,
): Promise<PackageParams> {
  const title = await testTitle(stage, shape, layout);
  if (!languages) return title;
  const french = await toneRenditions(stage, shape, layout, { language: 'fra', default: false });
  return {
    ...title,
    audios: [...title.audios, ...french.map((audio) => ({ ...audio, track: 1 }))],
    texts: await textTracks(stage),
  };
}

const titles = new WeakMap<TestStage, Map<string, Promise<PackageParams>>>();

/** A title is encoded once for a stage, however often it is packaged. */
function titleOf(
  stage: TestStage,
  shape: TitleShape,
  layout: ToneLayout,
  languages: boolean,
): Promise<PackageParams> {
  const known = titles.get(stage) ?? new Map<string, Promise<PackageParams>>();
  titles.set(stage, known);
  const key = JSON.stringify([shape, layout, languages]);
  const title = known.get(key) ?? makeTitle(stage, shape, layout, languages);
  known.set(key, title);
  return title;
}

/** A package as our own stages make it. */
export async function ourPackage(
  stage: TestStage,
  shape: TitleShape,
  layout: ToneLayout,
  { languages = false, encryption }: OurOptions = {},
): Promise<Files> {
  const title = await titleOf(stage, shape, layout, languages);
  const params = encryption ? { ...title, encryption: encryptionFor(title, encryption) } : title;
  const { files } = await packageStage.run(params, await freshContext(stage));
  const read = files.map(async ({ path, blob }): Promise<[string, Buffer]> => [
    path,
    await readFile(await stage.context.path(blob)),
  ]);
  return new Map(await Promise.all(read));
}
