import { z } from 'zod';
import type { AudioCodec } from '../../package/index.js';
import { audioTrackSchema } from './audio-tracks.js';

/** Codecs that sound can be encoded in. */
const AUDIO_CODECS = ['aac', 'he-aac', 'eac3', 'opus'] as const satisfies readonly AudioCodec[];

/** What hullcast.yaml may say of sound. */
export const audioSchema = z.strictObject({
  codecs: z
    .array(z.enum(AUDIO_CODECS))
    .refine((codecs) => codecs.includes('aac') && new Set(codecs).size === codecs.length)
    .meta({ allowed: `a list without repeats, each one of ${AUDIO_CODECS.join(', ')}; aac among them` })
    .default(['aac'])
    .describe(
      'codecs of sound; eac3 is Dolby Digital Plus, for titles with surround sound, opus is for DASH alone; he-aac needs an ' +
        'ffmpeg with libfdk_aac',
    ),
  passthrough: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe(
      'auto: E-AC-3 surround tracks of the master, Dolby Atmos too, ship as they are beside what is encoded',
    ),
  tracks: z
    .array(audioTrackSchema)
    .min(1)
    .max(200)
    .meta({
      allowed:
        'a list, each such as 1:role=commentary,lang=en,name=Director or a mapping of track, role, lang, name',
    })
    .optional()
    .describe(
      'what is known better of audio tracks (numbered from 0) than the master says; roles are main, commentary, description, ' +
        'clear-speech; see docs/audio.md',
    ),
  normaliseLufs: z
    .number()
    .min(-70)
    .max(-5)
    .optional()
    .describe('integrated loudness that sound is normalised to, LUFS; as in the master unless given'),
});
