import type { AudioCodec, AudioLayout } from '../types.js';

/** What is made in a codec, and how ffmpeg is asked for it. */
export interface AudioCodecFacts {
  /** ffmpeg's encoder. */
  encoder: string;
  /** The encoder's options, without the bit rate. */
  options: readonly string[];
  /** bit/s of what is made; layouts that are not there are not made. */
  bitrates: Partial<Record<AudioLayout, number>>;
  /** Samples of a frame at 48 kHz. */
  frame: number;
  /** Samples that decoders give before the first that was put in; of HE-AAC at most. */
  priming: number;
  /** As ffprobe names codec and profile. */
  probed: { codec: string; profile?: string };
  /** RFC 6381. */
  codecString: string;
  /** For people; undefined where it need not be said. */
  name?: string;
}

/** Full-band levels with which decoders fold 5.1 to stereo (A/52, E2.3.1.12): −3 dB, as `downmixMatrix` has it. */
const MIX_LEVELS = [
  ...['-dmix_mode', 'loro', '-loro_cmixlev', '0.707', '-loro_surmixlev', '0.707'],
  ...['-ltrt_cmixlev', '0.707', '-ltrt_surmixlev', '0.707'],
];

export const AUDIO_CODECS: Record<AudioCodec, AudioCodecFacts> = {
  aac: {
    encoder: 'aac',
    options: ['-profile:a', 'aac_low'],
    bitrates: { stereo: 128_000, '5.1': 384_000 },
    frame: 1024,
    priming: 1024,
    probed: { codec: 'aac', profile: 'LC' },
    codecString: 'mp4a.40.2', // MPEG-4 audio (object type indication 40), audio object type 2
  },
  'he-aac': {
    encoder: 'libfdk_aac',
    // Apple asks for explicit signalling (HLS authoring specification, 2.3): old decoders know the object type by it.
    options: ['-profile:a', 'aac_he', '-signaling', 'explicit_hierarchical'],
    bitrates: { stereo: 64_000 },
    frame: 2048,
    priming: 5120,
    probed: { codec: 'aac', profile: 'HE-AAC' },
    codecString: 'mp4a.40.5',
    name: 'HE-AAC',
  },
  eac3: {
    encoder: 'eac3',
    options: [],
    bitrates: { stereo: 192_000, '5.1': 640_000 },
    frame: 1536,
    priming: 256,
    probed: { codec: 'eac3' },
    codecString: 'ec-3',
    name: 'Dolby Digital Plus',
  },
  opus: {
    encoder: 'libopus',
    options: ['-vbr', 'on'],
    bitrates: { stereo: 96_000, '5.1': 256_000 },
    frame: 960,
    priming: 312,
    probed: { codec: 'opus' },
    codecString: 'opus',
    name: 'Opus',
  },
};

/** The encoder's options for a layout; `dialnorm` in dBFS, for E-AC-3. */
export function encoderOptions(codec: AudioCodec, layout: AudioLayout, dialnorm: number): string[] {
  const { encoder, options, bitrates } = AUDIO_CODECS[codec];
  return [
    ...['-c:a', encoder, ...options],
    ...(codec === 'eac3' ? ['-dialnorm', String(dialnorm)] : []),
    ...(codec === 'eac3' && layout === '5.1' ? MIX_LEVELS : []),
    // Channels coupled and ordered as in Vorbis (RFC 7845, 5.1.1.2).
    ...(codec === 'opus' && layout === '5.1' ? ['-mapping_family', '1'] : []),
    ...['-b:a', String(bitrates[layout] ?? 0)],
  ];
}

/** True for what no HLS playlist names: Apple's players know Opus in fMP4 only lately, others not at all. */
export function isDashOnly({ codec }: { codec?: AudioCodec }): boolean {
  return codec === 'opus';
}
