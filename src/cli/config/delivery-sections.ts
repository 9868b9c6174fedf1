import { z } from 'zod';
import type { Origin } from '../../package/index.js';
import { DEVICE_NAMES } from '../../title/index.js';
import { deviceClassSchema, isClassName, readDeviceClass } from './device-classes.js';
import { markerSchema, readMarker } from './marker-entries.js';

const unique = (list: readonly unknown[]): boolean => new Set(list).size === list.length;

export const devices = z.strictObject({
  names: z
    .union([z.literal('none'), z.array(z.string().refine(isClassName)).min(1).max(20).refine(unique)])
    .meta({
      allowed: `none, or a list without repeats of ${DEVICE_NAMES.join(', ')} and classes of your own`,
    })
    .optional()
    .describe('classes of devices that get manifests of their own; all that there are unless given'),
  classes: z
    .array(z.union([z.string().refine((text) => readDeviceClass(text) !== undefined), deviceClassSchema]))
    .max(20)
    .meta({ allowed: 'a list, each such as kiosk:like=web,maxHeight=720 or a mapping; see docs/delivery.md' })
    .optional()
    .describe('classes of your own, and other limits of those that there are'),
});

export const markers = z.strictObject({
  detect: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe('whether intro, credits and places for ad breaks are guessed from black, silence and music'),
  minConfidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.6)
    .describe('guesses of less confidence are in markers.json and in no manifest'),
  list: z
    .array(z.union([z.string().refine((text) => readMarker(text) !== undefined), markerSchema]))
    .max(1000)
    .meta({ allowed: 'a list, each such as intro:00:00:30-00:01:15, adbreak:f7200 or a mapping' })
    .optional()
    .describe('markers that take the place of all others of their kind: intro, recap, credits, adbreak'),
  sidecar: z
    .string()
    .min(1)
    .optional()
    .describe('file of more such markers, YAML or JSON; markers.json of an earlier title is one'),
});

/** No user or password: manifests are public. Paths are written behind it, so there is neither query nor fragment. */
const baseUrl = z
  .string()
  .regex(/^https?:\/\/[^\s@"<>?#\\]+$/)
  .max(2000);
const pathway = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const BASE = /^([^=]+)=(.+)$/;

function readBaseUrl(text: string): Origin | undefined {
  const [, id, url] = BASE.exec(text) ?? [];
  return pathway.safeParse(id).success && baseUrl.safeParse(url).success ? { id: id!, url: url! } : undefined;
}

export const delivery = z.strictObject({
  baseUrls: z
    .array(
      z.union([
        z.string().refine((text) => readBaseUrl(text) !== undefined),
        z.strictObject({ id: pathway, url: baseUrl }),
      ]),
    )
    .min(1)
    .max(10)
    .meta({
      allowed:
        'a list, each such as cdn-a=https://a.example/title or a mapping of id and url; no user, password, query or fragment',
    })
    .optional()
    .describe(
      "servers that have the title's folder, the preferred one first; manifests name files relative unless given",
    ),
  steeringUrl: z
    .string()
    .regex(/^https?:\/\/[^\s@"<>]+$/)
    .max(2000)
    .meta({ allowed: 'an http or https URL without user and password' })
    .optional()
    .describe('content steering server, which tells players which of the baseUrls to use'),
});

/** The servers that a configuration names. */
export function originsOf({ baseUrls = [] }: z.output<typeof delivery>): Origin[] {
  return baseUrls.map((entry) => {
    const { id, url } = typeof entry === 'string' ? readBaseUrl(entry)! : entry;
    return { id, url: url.endsWith('/') ? url : `${url}/` };
  });
}

/** What contradicts itself in these sections; undefined where nothing does. */
export function deliveryConflict(section: z.output<typeof delivery>): string | undefined {
  const ids = originsOf(section).map(({ id }) => id);
  if (section.steeringUrl !== undefined && ids.length === 0)
    return 'delivery.steeringUrl needs delivery.baseUrls';
  return unique(ids) ? undefined : 'delivery.baseUrls gives two servers one id';
}
