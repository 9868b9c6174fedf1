import { parseRational } from '../media/index.js';
import { finding } from './findings.js';
import { type PacketSummary, ticksToSeconds } from './packets.js';
import type { ProbedStream } from './probe-json.js';
import type { Finding, MasterAudio, MasterText } from './types.js';

const LAYOUTS: Record<number, string> = { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' };

/** Longest title of a track that is kept, characters. */
const MAX_TITLE = 200;

/** A language tag as it goes into manifests: BCP 47 or ISO 639 letters, else `und`. */
export function languageOf(tags: Record<string, string>): string {
  const tag = tags['language'] ?? tags['LANGUAGE'] ?? '';
  return /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) ? tag : 'und';
}

/** Text from a file, made harmless: no control characters, bounded. */
function titleOf(tags: Record<string, string>): string | undefined {
  const title = (tags['title'] ?? tags['TITLE'] ?? '').replaceAll(/\p{C}+/gu, ' ').trim();
  return title === '' ? undefined : [...title].slice(0, MAX_TITLE).join('');
}

const round = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

function timesOf(
  stream: ProbedStream,
  packets: PacketSummary | undefined,
): { start: number; seconds: number } {
  const base = parseRational(stream.time_base);
  const counted =
    base && packets?.start !== undefined && packets.end !== undefined
      ? { start: ticksToSeconds(packets.start, base), end: ticksToSeconds(packets.end, base) }
      : undefined;
  const start = stream.start_time ?? counted?.start ?? 0;
  return { start, seconds: counted ? counted.end - Math.max(start, counted.start) : (stream.duration ?? 0) };
}

/**
 * Facts about the audio streams. `videoStart`: time of the first video frame, seconds on the file's clock. A stream
 * without channels or rate cannot be decoded: it is left out, with a finding.
 */
export function audioTracks(
  streams: readonly ProbedStream[],
  packets: ReadonlyMap<number, PacketSummary>,
  videoStart: number,
): { audio: MasterAudio[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const audio: MasterAudio[] = [];
  streams
    .filter((stream) => stream.codec_type === 'audio')
    .forEach((stream, track) => {
      const { channels, sample_rate: sampleRate, codec_name: codec } = stream;
      const found = packets.get(stream.index);
      if (!channels || !sampleRate || codec === undefined || !found || found.packets === 0) {
        const why =
          !found || found.packets === 0 ? 'it is empty' : `its codec (${codec ?? 'unknown'}) cannot be read`;
        findings.push(finding('audio-skipped', `audio track ${track} is left out: ${why}`));
        return;
      }
      const { start, seconds } = timesOf(stream, found);
      const title = titleOf(stream.tags);
      audio.push({
        track,
        codec,
        channels,
        layout: stream.channel_layout ?? LAYOUTS[channels] ?? `${channels} channels`,
        sampleRate,
        language: languageOf(stream.tags),
        ...(title === undefined ? {} : { title }),
        default: stream.disposition['default'] === 1,
        ...flag('commentary', stream.disposition['comment']),
        ...flag('visualImpaired', stream.disposition['visual_impaired']),
        ...flag('hearingImpaired', stream.disposition['hearing_impaired']),
        durationSeconds: round(seconds),
        packets: found.packets - found.discarded,
        offsetSeconds: round(start - videoStart),
      });
    });
  if (audio.length === 0) findings.push(finding('no-audio', 'the master has no sound'));
  return { audio, findings };
}

/** A property that is there where a disposition is set. */
const flag = <T extends string>(name: T, disposition: number | undefined): Partial<Record<T, true>> =>
  (disposition === 1 ? { [name]: true } : {}) as Partial<Record<T, true>>;

/**
 * Facts about the subtitle streams, and about captions in the pictures of the stream with index `captioned`. `videoStart`:
 * as for audio.
 */
export function textTracks(
  streams: readonly ProbedStream[],
  videoStart: number,
  captioned: number | undefined,
): MasterText[] {
  const texts = streams
    .filter((stream) => stream.codec_type === 'subtitle')
    .map(({ codec_name: codec = 'unknown', tags, disposition }, track): MasterText => {
      const title = titleOf(tags);
      return {
        ...{ track, codec, language: languageOf(tags), pictureStart: round(videoStart) },
        ...(title === undefined ? {} : { title }),
        ...flag('default', disposition['default']),
        ...flag('forced', disposition['forced']),
        ...flag('hearingImpaired', disposition['hearing_impaired']),
      };
    });
  if (captioned === undefined) return texts;
  const captions = { track: captioned, codec: 'eia_608', language: 'und', inPicture: true } as const;
  return [...texts, { ...captions, pictureStart: round(videoStart) }];
}
