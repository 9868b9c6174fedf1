import { readFile } from 'node:fs/promises';
import { type Sample, readSamples } from '../../../conformance/index.js';
import type { StageContext } from '../../../pipeline/index.js';
import { parseCues } from '../../../text/index.js';
import { folderOf } from '../../packager/names.js';
import { textPlaylistPath } from '../../text/manifests.js';
import { TEXT_TIMESCALE } from '../../text/segments.js';
import type { TextTrack } from '../../types.js';
import { type HlsText, initOf } from '../listing.js';
import type { PackageView } from '../package-view.js';
import { readWebvttSegment } from './read-webvtt.js';
import { cuesOfSamples } from './read-wvtt.js';
import { type ShippedCue, describe, difference, keyOf, shippedCue } from './shipped-cue.js';

/** Segments are whole milliseconds, the title need not be. */
const TOLERANCE = 0.0011;

function checkCues(
  wanted: readonly ShippedCue[],
  found: readonly ShippedCue[],
  file: string,
  view: PackageView,
): void {
  const { missing, surplus } = difference(wanted, found);
  const [first] = missing;
  const [other] = surplus;
  if (first) {
    const said = `${missing.length} of ${wanted.length} cues are not there, such as ${describe(first)}`;
    view.findings.add('text-cues-differ', file, said);
  }
  if (other) {
    view.findings.add(
      'text-cues-differ',
      file,
      `${surplus.length} cues are no cues of the text, such as ${describe(other)}`,
    );
  }
}

function checkLength(file: string, total: number, seconds: number, view: PackageView): void {
  if (Math.abs(total - seconds) <= TOLERANCE) return;
  view.findings.add(
    'text-duration',
    file,
    `it lasts ${total.toFixed(3)} s, the title ${seconds.toFixed(3)} s`,
  );
}

/** Every cue must be in each segment that it is shown in, and in no other; together they are the text. */
async function checkHls(
  text: HlsText,
  wanted: readonly ShippedCue[],
  seconds: number,
  view: PackageView,
): Promise<void> {
  const found = new Map<string, ShippedCue>();
  let start = 0;
  for (const { path, seconds: duration } of text.segments) {
    const end = start + Math.round(duration * TEXT_TIMESCALE);
    const bytes = await view.read(path);
    const cues = bytes && readWebvttSegment(bytes.toString('utf8'));
    // One that is missing was reported.
    if (bytes && !cues)
      view.findings.add('text-unreadable', path, 'it is no WebVTT segment as hullcast writes it');
    if (cues) {
      const here = wanted.filter((cue) => cue.start < end && cue.end > start);
      checkCues(here, cues, path, view);
      for (const cue of cues) found.set(keyOf(cue), cue);
    }
    start = end;
  }
  checkLength(text.file, start / TEXT_TIMESCALE, seconds, view);
  const distinct = [...new Map(wanted.map((cue) => [keyOf(cue), cue])).values()];
  checkCues(distinct, [...found.values()], text.file, view);
}

/** Reads the samples of the MP4 segments. */
async function checkDash(
  track: TextTrack,
  wanted: readonly ShippedCue[],
  seconds: number,
  view: PackageView,
): Promise<void> {
  const { findings } = view;
  const folder = folderOf('text', track.id);
  const listed = view.dash.get(folder);
  if (!listed) return findings.add('rendition-missing', folder, 'the text is not in DASH');
  const init = initOf(listed);
  const samples: Sample[] = [];
  let total = 0;
  for (const { path, seconds: duration } of listed.segments) {
    const bytes = await view.read(path);
    if (init && bytes) samples.push(...(await readSamples(init, bytes)));
    total += duration;
  }
  checkLength(listed.file, total, seconds, view);
  checkLength(folder, (samples.at(-1)?.end ?? 0) / TEXT_TIMESCALE, seconds, view);
  const cues = cuesOfSamples(samples);
  if (cues) checkCues(wanted, cues, folder, view);
  else findings.add('text-unreadable', folder, 'its samples are no cues of WebVTT in MP4');
}

/** What viewers and players choose a track by. */
function checkSignalling(track: TextTrack, text: HlsText, view: PackageView): void {
  const { language, name, kind, forced, default: isDefault } = track;
  const wanted = {
    language: language === 'und' ? undefined : language,
    name,
    forced,
    isDefault,
    captions: kind === 'captions',
  };
  const said = {
    ...{ language: text.language, name: text.name, forced: text.forced, isDefault: text.isDefault },
    captions: text.characteristics.includes('public.accessibility.transcribes-spoken-dialog'),
  };
  for (const key of Object.keys(wanted) as (keyof typeof wanted)[]) {
    if (said[key] === wanted[key]) continue;
    view.findings.add('text-signalling', text.file, `HLS says ${key} ${said[key]}, it is ${wanted[key]}`);
  }
}

/** Reads every text track back, from both manifests, and compares it cue by cue. `seconds` is the title's length. */
export async function checkTexts(
  tracks: readonly TextTrack[],
  seconds: number,
  view: PackageView,
  context: StageContext,
): Promise<void> {
  const names = view.texts.map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
    view.findings.add('text-signalling', 'master.m3u8', `two texts are named ${name}`);
  }
  for (const track of tracks) {
    const cues = parseCues(await readFile(await context.path(track.blob), 'utf8')).map(shippedCue);
    const path = textPlaylistPath(track);
    const text = view.texts.find(({ file }) => file === path);
    if (text) {
      checkSignalling(track, text, view);
      await checkHls(text, cues, seconds, view);
    } else view.findings.add('rendition-missing', folderOf('text', track.id), 'the text is not in HLS');
    await checkDash(track, cues, seconds, view);
  }
}
