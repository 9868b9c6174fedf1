import { type Rational, openArgs, toNumber } from '../../media/index.js';
import { type FrameRange, finding, rangeFindings } from '../findings.js';
import type { Finding, MasterAudio, TrackLoudness } from '../types.js';

/** Below this level, dBFS, on all channels, is silence … */
export const SILENCE_DB = -60;
/** … when it lasts this long, seconds. */
export const SILENCE_SECONDS = 2;

/** ebur128 gives this where nothing passed its gate, LUFS. */
const NOTHING_MEASURED = -70;

/** One decode of an audio track through silencedetect and ebur128 (EBU R 128, true peak). */
export function audioDetectorArgs(path: string, demuxer: string, track: number): string[] {
  const filters = [
    'asetpts=PTS-STARTPTS',
    `silencedetect=n=${SILENCE_DB}dB:d=${SILENCE_SECONDS}`,
    'ebur128=peak=true:framelog=quiet',
  ];
  return [
    ...openArgs(path, demuxer, { threads: 1 }),
    ...['-map', `0:a:${track}`, '-af', filters.join(','), '-f', 'null', '-'],
  ];
}

/** Gathers the log lines of silencedetect and the summary of ebur128. */
export class AudioDetectorLog {
  /** Silences, seconds from the track's start; an open end is Infinity. */
  readonly silences: { start: number; end: number }[] = [];
  integrated: number | undefined;
  range: number | undefined;
  truePeak: number | undefined;
  faults = 0;
  private open: number | undefined;

  push(line: string): void {
    const start = /silence_start: (-?[\d.]+)/.exec(line)?.[1];
    if (start !== undefined) this.open = Math.max(0, Number(start));
    const end = /silence_end: (-?[\d.]+)/.exec(line)?.[1];
    if (end !== undefined) this.close(Number(end));
    if (/\[(error|fatal)\]/.test(line)) this.faults++;
    this.integrated = this.value(line, /^\s*I:\s+(\S+) LUFS/) ?? this.integrated;
    this.range = this.value(line, /^\s*LRA:\s+(\S+) LU$/) ?? this.range;
    this.truePeak = this.value(line, /^\s*Peak:\s+(\S+) dBFS/) ?? this.truePeak;
  }

  end(): void {
    this.close(Infinity);
  }

  private close(end: number): void {
    if (this.open !== undefined) this.silences.push({ start: this.open, end });
    this.open = undefined;
  }

  private value(line: string, pattern: RegExp): number | undefined {
    const text = pattern.exec(line)?.[1];
    return text === undefined ? undefined : text === '-inf' ? -Infinity : Number(text);
  }
}

/** Loudness of a track; nothing measured where it is silent, or too short for one gating block (0.4 s). */
export function loudnessOf(track: number, log: AudioDetectorLog): TrackLoudness {
  const { integrated, range, truePeak } = log;
  const usable =
    integrated !== undefined &&
    integrated > NOTHING_MEASURED &&
    truePeak !== undefined &&
    Number.isFinite(truePeak);
  return usable ? { track, measured: { integrated, range: range ?? 0, truePeak } } : { track };
}

/** Seconds of a track as frames of the picture, within its frames. */
function toFrames(
  silence: { start: number; end: number },
  audio: MasterAudio,
  picture: { fps: Rational; frames: number },
): FrameRange {
  const frame = (seconds: number): number =>
    Math.min(
      picture.frames,
      Math.max(0, Math.round((seconds + audio.offsetSeconds) * toNumber(picture.fps))),
    );
  return { start: frame(silence.start), end: silence.end === Infinity ? picture.frames : frame(silence.end) };
}

/** Findings of one audio track. */
export function audioFindings(
  audio: MasterAudio,
  log: AudioDetectorLog,
  picture: { fps: Rational; frames: number },
): Finding[] {
  const name = `audio track ${audio.track}`;
  const findings: Finding[] = [];
  if (log.faults > 0) findings.push(finding('audio-faults', `${name}: its decoder reported damaged packets`));
  const peak = log.truePeak;
  if (peak !== undefined && peak <= SILENCE_DB)
    return [...findings, finding('silent-track', `${name} is silent`)];
  if (peak !== undefined && peak > 0) {
    findings.push(finding('audio-clipping', `${name}: true peak of +${peak} dBTP, above full scale`));
  }
  const ranges = log.silences
    .map((silence) => toFrames(silence, audio, picture))
    .filter(({ start, end }) => end > start);
  return [...findings, ...rangeFindings('silence', ranges, () => `${name} is silent here`)];
}
