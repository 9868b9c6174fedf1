import { z } from 'zod';
import { originPrefix } from '../../distribute/index.js';
import type { DrmSystem, ProtectionScheme, WantedKey } from '../../keys/index.js';
import type { ObjectStore } from '../../storage/index.js';
import { KEY_LABELS } from './policy.js';

const hex = z.string().regex(/^[0-9a-f]{32}$/);

/**
 * What report.json says of a title's protection, as far as licences need to know it. The one place that knows its form; the
 * rest of it is of no interest here.
 */
const protectionSchema = z
  .object({
    contentId: z.string().min(1).max(256),
    scheme: z.enum(['cbcs', 'cenc']),
    systems: z.array(z.enum(['widevine', 'playready', 'fairplay', 'clearkey'])),
    keys: z
      .array(
        z.object({
          keyId: hex,
          label: z.enum(KEY_LABELS),
          period: z.int().nonnegative().optional(),
          constantIv: hex.optional(),
        }),
      )
      .min(1)
      // Four labels, of as many key periods as a title may have.
      .max(256),
  })
  .transform(({ keys, ...title }): ProtectedTitle => ({
    ...title,
    keys: keys.map(({ keyId, label, period, constantIv }) => ({
      ...{ kid: keyId, label },
      ...(period === undefined ? {} : { period }),
      ...(constantIv === undefined ? {} : { iv: constantIv }),
    })),
  }));

const reportSchema = z.object({ protection: protectionSchema.optional() });

export interface ProtectedTitle {
  /** The title as key services know it. */
  contentId: string;
  scheme: ProtectionScheme;
  systems: DrmSystem[];
  keys: ProtectedKey[];
}

export interface ProtectedKey extends WantedKey {
  /** IV of everything that the key encrypts, hex, where it is one for all: FairPlay's licences bring it along. */
  iv?: string;
}

/** How the title of a report is protected; undefined where it is not. Throws where that cannot be understood. */
export function protectionOf(report: unknown): ProtectedTitle | undefined {
  return reportSchema.parse(report).protection;
}

/** Gives a title's protection; undefined where there is no such title, or where it is not protected. */
export type TitleKeys = (titleId: string) => Promise<ProtectedTitle | undefined>;

/** Titles whose protection is remembered: reports of films are large. */
const REMEMBERED = 1000;

/** The protection of published titles, from their reports in the store. What is removed or published anew counts at once. */
export function publishedTitleKeys(store: Pick<ObjectStore, 'stat' | 'read'>): TitleKeys {
  const known = new Map<string, { version: string; protection: ProtectedTitle | undefined }>();
  return async (titleId) => {
    const key = `${originPrefix(titleId)}report.json`;
    const found = await store.stat(key);
    if (!found) return undefined;
    const version = `${found.modifiedMs} ${found.bytes}`;
    const before = known.get(titleId);
    if (before?.version === version) return before.protection;
    const protection = protectionOf(JSON.parse((await store.read(key)).toString('utf8')));
    known.delete(titleId);
    known.set(titleId, { version, protection });
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return protection;
  };
}
