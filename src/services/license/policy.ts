import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { KeyLabel } from '../../keys/index.js';
import { licenseConfig } from './config-error.js';
import { HDCP_VERSIONS, SECURITY_LEVELS } from './levels.js';

export const KEY_LABELS = ['SD', 'HD', 'UHD', 'AUDIO', 'ALL'] as const satisfies readonly KeyLabel[];

/** YAML reads 1.4 as a number. */
const hdcp = z.preprocess(
  (value) => (typeof value === 'number' ? value.toFixed(1) : value),
  z.enum(HDCP_VERSIONS),
);

const requirement = (security: (typeof SECURITY_LEVELS)[number], version: (typeof HDCP_VERSIONS)[number]) =>
  z
    .strictObject({ security: z.enum(SECURITY_LEVELS).default(security), hdcp: hdcp.default(version) })
    .prefault({});

const words = z.array(z.string().regex(/^[\x21-\x7e]{1,128}$/)).min(1);

/** Who gets which keys, and for how long. Whatever is left out has a careful default. */
export const policySchema = z.strictObject({
  /** What a device must have for the keys of a label. */
  labels: z
    .strictObject({
      SD: requirement('software', 'none'),
      HD: requirement('software', '1.4'),
      UHD: requirement('hardware', '2.2'),
      AUDIO: requirement('software', 'none'),
      // One key opens the best picture that there is; most titles of one key are HD.
      ALL: requirement('software', '1.4'),
    })
    .prefault({}),
  /** Labels that ClearKey may open, which is software whatever the device: the page sees the key. */
  clearkey: z.array(z.enum(KEY_LABELS)).default(['SD', 'AUDIO']),
  license: z
    .strictObject({
      /** How long a licence lasts. */
      seconds: z
        .int()
        .min(60)
        .max(10 * 366 * 86_400)
        .default(12 * 3600),
      /** Whether devices may keep licences, to play without a network. */
      persistent: z.boolean().default(false),
      /** After how long devices ask again; they do not unless given. */
      renewSeconds: z.int().min(10).optional(),
    })
    .prefault({}),
  token: z
    .strictObject({
      /** Who may issue tokens; the first is this program. */
      issuers: words.default(['hullcast']),
      audience: z
        .string()
        .regex(/^[\x21-\x7e]{1,128}$/)
        .default('hullcast-license'),
      /** Longest life of a token. */
      maxSeconds: z.int().min(5).max(86_400).default(600),
      /** How far the clocks of issuers may be off. */
      skewSeconds: z.int().min(0).max(60).default(5),
    })
    .prefault({}),
  /** For so long after a key was first asked for, the same ask counts as that of a player whose answer was lost. */
  retrySeconds: z.int().min(0).max(120).default(15),
});

export type LicensePolicy = z.infer<typeof policySchema>;
export type TokenRules = LicensePolicy['token'];

/** For titles of servers. */
export const DEFAULT_POLICY: LicensePolicy = policySchema.parse({});

/** For the player of one's own titles on one's own computer: ClearKey opens everything. */
export const LOCAL_POLICY: LicensePolicy = policySchema.parse({ clearkey: [...KEY_LABELS] });

/** Reads a policy in YAML (or JSON). Throws LICENSE_CONFIG. */
export function parsePolicy(text: string, name: string): LicensePolicy {
  return parseYaml(policySchema, text, name);
}

/** A YAML document of a schema's form. Throws LICENSE_CONFIG, which names keys and no values. */
export function parseYaml<S extends z.ZodType>(schema: S, text: string, name: string): z.output<S> {
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error) throw licenseConfig(`${name} is no YAML: ${error.code} at character ${error.pos[0] + 1}`);
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 10 }) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw licenseConfig(`${name}: ${issue!.path.join('.') || 'the whole'}: ${issue!.message}`);
}
