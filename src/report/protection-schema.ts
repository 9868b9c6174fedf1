import { z } from 'zod';
import type { DrmSystem, KeyLabel, ProtectionScheme } from '../keys/index.js';
import { html, type Markup } from './markup.js';
import { table } from './table.js';

const SCHEMES = ['cbcs', 'cenc'] as const satisfies readonly ProtectionScheme[];
const SYSTEMS = ['widevine', 'playready', 'fairplay', 'clearkey'] as const satisfies readonly DrmSystem[];
const LABELS = ['SD', 'HD', 'UHD', 'AUDIO', 'ALL'] as const satisfies readonly KeyLabel[];

const hex = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe(what);

/** What the report says of a title's encryption: everything but the keys. */
export const protectionSchema = z.strictObject({
  scheme: z.enum(SCHEMES).describe('Protection scheme of ISO/IEC 23001-7.'),
  systems: z.array(z.enum(SYSTEMS)).min(1).describe('DRM systems whose licences open the title.'),
  preset: z.enum(['tiers', 'single']).describe('Keys by size of the picture and for sound, or one for all.'),
  clearLeadSeconds: z
    .number()
    .nonnegative()
    .describe('Segments that begin before this many seconds are not encrypted.'),
  keyPeriods: z
    .array(
      z.strictObject({
        startFrame: z.int().nonnegative().describe('First frame.'),
        startSeconds: z
          .number()
          .nonnegative()
          .describe('Where it begins; sound at its first frame from there on.'),
      }),
    )
    .min(2)
    .describe('Where other keys take over, in order; of titles whose keys change.')
    .exactOptional(),
  contentId: z.string().min(1).describe("The title's id at the key service."),
  keyService: z.string().min(1).describe('Where the keys came from.'),
  keys: z
    .array(
      z.strictObject({
        label: z.enum(LABELS).describe('What the key opens.'),
        period: z
          .int()
          .nonnegative()
          .describe('Its key period, an index of `keyPeriods`; of titles whose keys change.')
          .exactOptional(),
        keyId: hex('Key id, hex.'),
        constantIv: hex(
          'IV of everything that the key encrypts, hex; with cbcs, where it stays the same. FairPlay licences bring it along.',
        ).exactOptional(),
        renditions: z
          .array(z.string().min(1))
          .describe('Ids of the renditions that it encrypts, sound included.'),
      }),
    )
    .min(1)
    .describe('The keys of the title, without themselves.'),
});

export type ReportProtection = z.infer<typeof protectionSchema>;

/** How the title is encrypted, for people. */
export function protectionFacts(protection: ReportProtection): Markup {
  const { scheme, systems, keyService, contentId, clearLeadSeconds, keyPeriods = [], keys } = protection;
  const columns = [
    { head: 'Key', text: true },
    ...(keyPeriods.length > 0 ? [{ head: 'From' }] : []),
    { head: 'Key id', text: true },
    { head: 'Renditions', text: true },
  ];
  const lead = clearLeadSeconds === 0 ? 'none' : `${clearLeadSeconds} s, rounded up to segments`;
  return html`<dl class="facts">
      ${[
        ['Scheme', scheme],
        ['Systems', systems.join(', ')],
        ['Clear lead', lead],
        ['Key service', keyService],
        ['Content id', contentId],
      ].map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${table(
      'Keys',
      columns,
      keys.map(({ label, period, keyId, renditions }) => [
        label,
        ...(period === undefined ? [] : [`${keyPeriods[period]?.startSeconds.toFixed(2) ?? '?'} s`]),
        html`<span class="hash">${keyId}</span>`,
        renditions.join(', '),
      ]),
    )}`;
}
