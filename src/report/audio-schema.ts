import { z } from 'zod';
import { kilobits } from './format.js';
import type { Markup } from './markup.js';
import { table } from './table.js';

const text = (what: string) => z.string().min(1).describe(what);

/** An audio rendition as it ships. */
export const shippedAudioSchema = z.strictObject({
  id: text('Name of the rendition, unique in the title.'),
  track: z.int().nonnegative().describe("Index among the master's audio streams."),
  language: text('BCP 47; `und` where it is not known.'),
  name: text('What viewers choose its track by.'),
  role: z
    .enum(['main', 'commentary', 'description', 'clear-speech'])
    .describe('What the track is for; `main` is the programme itself.'),
  default: z.boolean().describe('True for the track that plays unless the viewer chooses otherwise.'),
  codec: z.enum(['aac', 'he-aac', 'eac3', 'opus']).describe('Codec.'),
  codecString: text('RFC 6381 name of the codec.'),
  copied: z.boolean().describe("True where it is the master's own stream, not encoded."),
  joc: z.int().positive().describe('Dolby Atmos: its complexity index.').exactOptional(),
  dialnorm: z.int().min(-31).max(-1).describe('Dialogue level that E-AC-3 carries, dBFS.').exactOptional(),
  channels: z.int().positive().describe('Number of channels.'),
  sampleRate: z.int().positive().describe('Hz.'),
  bitrate: z.int().positive().describe('Average bit rate of the stream, bit/s.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the rendition before it was packaged.'),
  loudness: z
    .strictObject({
      integrated: z.number().describe('Integrated loudness, LUFS.'),
      range: z.number().describe('Loudness range, LU.'),
      truePeak: z.number().describe('True peak, dBTP.'),
    })
    .describe('EBU R 128, as shipped; absent where all is silence.')
    .exactOptional(),
});

export type ShippedAudio = z.output<typeof shippedAudioSchema>;

const CODECS: Record<ShippedAudio['codec'], string> = {
  aac: 'AAC-LC',
  'he-aac': 'HE-AAC',
  eac3: 'Dolby Digital Plus',
  opus: 'Opus',
};

/** The audio renditions, a line each. */
export function shippedAudioTable(audios: readonly ShippedAudio[]): Markup {
  const texts = ['Name', 'Language', 'Role', 'Codec'].map((head) => ({ head, text: true }));
  const numbers = ['Channels', 'kbit/s', 'LUFS', 'True peak, dBTP', 'Dialogue level'].map((head) => ({
    head,
  }));
  return table(
    'Audio that ships',
    [...texts, ...numbers],
    audios.map(
      ({ name, language, role, codec, copied, joc, channels, bitrate, loudness, dialnorm, ...rest }) => [
        rest.default ? `${name} (default)` : name,
        language,
        role,
        `${joc === undefined ? CODECS[codec] : `${CODECS[codec]}, Atmos`}${copied ? ', as in the master' : ''}`,
        String(channels),
        kilobits(bitrate),
        loudness?.integrated.toFixed(1) ?? 'silence',
        loudness?.truePeak.toFixed(1) ?? '',
        dialnorm === undefined ? '' : String(dialnorm),
      ],
    ),
  );
}
