import { MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import { type Bandwidth, type SegmentSize, averageBandwidth, peakBandwidth } from '../packager/bandwidth.js';
import { sameCodec } from './codec-string.js';
import { type OnDisk, playedSeconds } from './disk.js';
import type { Findings } from './findings.js';
import type { Listed } from './listing.js';
import type { DashPackage } from './read-dash.js';
import type { HlsPackage, HlsVariant, IframeList } from './read-hls.js';

/** Durations in manifests may be off by this much, seconds: playlists are allowed milliseconds. */
const TOLERANCE = 0.001;

/** A declared peak may exceed the true one by this factor, and never be below it; an average may be off by 1%. */
const PEAK_EXCESS = 1.1;
const AVERAGE_ERROR = 0.01;

/** Compares the durations that a manifest gives with those of the segments. */
export function checkDurations(
  code: 'playlist-duration' | 'mpd-duration',
  listed: Listed,
  disk: OnDisk,
  findings: Findings,
): void {
  for (const [index, { path, seconds }] of listed.segments.entries()) {
    const segment = disk.segments[index];
    if (!segment) continue;
    const played = playedSeconds(disk, segment);
    if (Math.abs(played - seconds) > TOLERANCE + 1 / disk.timescale) {
      findings.add(
        code,
        listed.file,
        `${path} is said to last ${seconds} s, it lasts ${played.toFixed(6)} s`,
      );
    }
  }
}

/** Files of a rendition must be the same in HLS and DASH. */
export function checkSameFiles(hls: Listed, dash: Listed, findings: Findings): void {
  const names = ({ init, segments }: Listed): string => [init, ...segments.map(({ path }) => path)].join(' ');
  if (names(hls) !== names(dash)) {
    findings.add(
      'manifests-differ',
      hls.file,
      `it names ${hls.segments.length} segments, ${dash.file} ${dash.segments.length}, or other files`,
    );
  }
}

/** Bit rates of a rendition from its bytes; undefined where some are missing. */
export function measuredBandwidth(listed: Listed, disk: OnDisk): Bandwidth | undefined {
  const sizes: SegmentSize[] = [];
  for (const segment of disk.segments) {
    if (!segment) return undefined;
    sizes.push({ bytes: segment.bytes, seconds: playedSeconds(disk, segment) });
  }
  const longest = Math.max(0, ...sizes.map(({ seconds }) => seconds));
  return {
    average: averageBandwidth(sizes),
    peak: peakBandwidth(sizes, listed.targetDuration ?? Math.ceil(longest)),
  };
}

function checkPeak(file: string, what: string, declared: number, peak: number, findings: Findings): void {
  if (declared >= Math.floor(peak) && declared <= Math.ceil(peak * PEAK_EXCESS)) return;
  findings.add(
    'bandwidth-peak',
    file,
    `${what} declares a peak of ${declared} bit/s, it is ${Math.ceil(peak)}`,
  );
}

/** What is known of the segments behind a media playlist. */
export interface Measured {
  bandwidth: Bandwidth | undefined;
  codec: string;
}

/** Bit rates and codecs of one HLS variant against the renditions that it plays. */
export function checkVariant(
  variant: HlsVariant,
  measured: ReadonlyMap<string, Measured>,
  findings: Findings,
): void {
  const video = measured.get(variant.playlist);
  if (!video) return; // its playlist could not be read, which was reported
  const audios = variant.audio.flatMap((path) => measured.get(path) ?? []);
  const codecs = [...new Set([video.codec, ...audios.map(({ codec }) => codec)])];
  const declares = (codec: string): boolean => variant.codecs.some((declared) => sameCodec(declared, codec));
  if (codecs.length !== variant.codecs.length || !codecs.every(declares)) {
    const declared = variant.codecs.join(', ');
    findings.add(
      'codecs-wrong',
      MASTER_PLAYLIST,
      `${variant.playlist}: ${declared} instead of ${codecs.join(', ')}`,
    );
  }
  const rates = audios.map(({ bandwidth }) => bandwidth);
  if (!video.bandwidth || rates.includes(undefined)) return;
  const texts = variant.texts.map((path) => measured.get(path)?.bandwidth);
  const dearest = (kind: keyof Bandwidth, of: typeof rates): number =>
    Math.max(0, ...of.map((rate) => rate?.[kind] ?? 0));
  const beside = (kind: keyof Bandwidth): number => dearest(kind, rates) + dearest(kind, texts);
  checkPeak(MASTER_PLAYLIST, variant.playlist, variant.peak, video.bandwidth.peak + beside('peak'), findings);
  const average = video.bandwidth.average + beside('average');
  if (variant.average === undefined || Math.abs(variant.average - average) > average * AVERAGE_ERROR + 2) {
    findings.add(
      'bandwidth-average',
      MASTER_PLAYLIST,
      `${variant.playlist} declares ${variant.average ?? 'no'} bit/s on average, it is ${Math.ceil(average)}`,
    );
  }
}

/** Bit rate and codec of one DASH representation. */
export function checkRepresentation(listed: Listed, measured: Measured, findings: Findings): void {
  if (!sameCodec(listed.codecs, measured.codec)) {
    findings.add(
      'codecs-wrong',
      listed.file,
      `${listed.init}: ${listed.codecs ?? 'none'} instead of ${measured.codec}`,
    );
  }
  if (measured.bandwidth) {
    checkPeak(listed.file, listed.init, listed.peak ?? 0, measured.bandwidth.peak, findings);
  }
}

/** The presentation must last as long as the title. */
export function checkPresentation(dash: DashPackage, seconds: number, findings: Findings): void {
  if (dash.seconds === undefined || Math.abs(dash.seconds - seconds) <= TOLERANCE) return;
  findings.add(
    'mpd-duration',
    MANIFEST,
    `mediaPresentationDuration is ${dash.seconds} s, the title lasts ${seconds} s`,
  );
}

/** Every entry of an I-frame playlist must be the key frame of the segment that it names, from its moof on. */
export function checkIframes(
  list: IframeList,
  renditions: HlsPackage['renditions'],
  disks: ReadonlyMap<string, OnDisk>,
  findings: Findings,
): void {
  for (const { path, offset, length } of list.frames) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const index = renditions.get(folder)?.segments.findIndex((segment) => segment.path === path) ?? -1;
    const segment = index < 0 ? undefined : disks.get(folder)?.segments[index];
    if (index < 0) findings.add('iframe-range', list.file, `${path} is no segment of a rendition`);
    if (!segment) continue;
    if (offset !== segment.moofOffset || offset + length !== segment.firstSampleEnd) {
      const range = `${segment.firstSampleEnd - segment.moofOffset}@${segment.moofOffset}`;
      findings.add('iframe-range', list.file, `${path}: ${length}@${offset} instead of ${range}`);
    }
  }
}
