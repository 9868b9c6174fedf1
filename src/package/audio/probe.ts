import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import type { AudioRendition } from '../types.js';

const OUTPUT = z.object({
  streams: z.tuple([
    z.object({
      codec_name: z.literal('aac'),
      profile: z.literal('LC'),
      channels: z.number().int().positive(),
      sample_rate: z.coerce.number().int().positive(),
      bit_rate: z.coerce.number().int().positive(),
    }),
  ]),
});

/** What ffprobe found in an encoded rendition. Throws AUDIO_ENCODE unless that is one AAC-LC stream. */
export function parseEncodedAudio(
  probed: unknown,
): Pick<AudioRendition, 'channels' | 'codecString' | 'sampleRate' | 'bitrate'> {
  const parsed = OUTPUT.safeParse(probed);
  if (!parsed.success) {
    throw new HullcastError(
      'AUDIO_ENCODE',
      `the encoded audio is not one AAC-LC stream: ${z.prettifyError(parsed.error)}`,
      {
        hint: 'Use an ffmpeg 7 with its own AAC encoder.',
        cause: parsed.error,
      },
    );
  }
  const [stream] = parsed.data.streams;
  return {
    channels: stream.channels,
    // RFC 6381: MPEG-4 audio (object type indication 40), audio object type 2, which is AAC-LC.
    codecString: 'mp4a.40.2',
    sampleRate: stream.sample_rate,
    bitrate: stream.bit_rate,
  };
}
