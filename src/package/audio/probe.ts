import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import type { AudioCodec, AudioRendition } from '../types.js';
import { AUDIO_CODECS } from './codecs.js';

const OUTPUT = z.object({
  streams: z.tuple([
    z.object({
      codec_name: z.string(),
      profile: z.string().optional(),
      channels: z.number().int().positive(),
      sample_rate: z.coerce.number().int().positive(),
      bit_rate: z.coerce.number().int().positive(),
    }),
  ]),
});

/** What ffprobe found in a rendition. Throws AUDIO_ENCODE unless that is one stream of the codec. */
export function parseEncodedAudio(
  probed: unknown,
  codec: AudioCodec = 'aac',
): Pick<AudioRendition, 'channels' | 'codecString' | 'sampleRate' | 'bitrate'> {
  const { probed: wanted, codecString, name = 'AAC-LC', encoder } = AUDIO_CODECS[codec];
  const parsed = OUTPUT.safeParse(probed);
  const [stream] = parsed.data?.streams ?? [];
  const right =
    stream?.codec_name === wanted.codec &&
    (wanted.profile === undefined || stream.profile === wanted.profile);
  if (!stream || !right) {
    const found = stream
      ? `it is ${[stream.codec_name, stream.profile].filter(Boolean).join(' ')}`
      : parsed.error && z.prettifyError(parsed.error);
    throw new HullcastError('AUDIO_ENCODE', `the encoded audio is not one ${name} stream: ${found ?? ''}`, {
      hint: `Use an ffmpeg 7 with its encoder ${encoder}.`,
      ...(parsed.error ? { cause: parsed.error } : {}),
    });
  }
  return {
    channels: stream.channels,
    codecString,
    sampleRate: stream.sample_rate,
    bitrate: stream.bit_rate,
  };
}
