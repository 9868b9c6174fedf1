import { z } from 'zod';
import { licenseConfig } from './config-error.js';
import { parseYaml } from './policy.js';
import { checkTemplate } from './template.js';

/** Systems whose licences other servers make. */
export const PROXIED = ['widevine', 'playready', 'fairplay'] as const;
export type ProxiedSystem = (typeof PROXIED)[number];

/** What templates of headers may name, and of bodies besides. */
export const HEADER_NAMES = ['policy', 'title', 'contentId', 'device', 'session', 'kids'] as const;
export const BODY_NAMES = [...HEADER_NAMES, 'challenge'] as const;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** Headers that are ours to set: `content-type` follows the body. */
const OWN_HEADERS = /^(host|content-length|connection|transfer-encoding|accept-encoding|expect|upgrade|te)$/i;

/** A licence server that may be asked. Path and query may hold a secret: nothing ever shows them. */
const address = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = (why: string): never => {
    context.addIssue(why);
    return z.NEVER;
  };
  if (!url || !['http:', 'https:'].includes(url.protocol)) return wrong('expected an https URL');
  if (url.username !== '' || url.password !== '') return wrong('put user and password into a header');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return wrong('expected https: only servers of this computer are asked without TLS');
  url.hash = '';
  return url;
});

const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'expected the name of a header'),
    z.string().regex(/^[\x20-\x7e]{0,8192}$/, 'expected printable ASCII'),
  )
  .default({});

const upstreamSchema = z.strictObject({
  url: address,
  /** Templates. */
  headers,
  /** Template of a JSON body around the player's; the player's own bytes are sent unless given. */
  body: z.string().min(1).max(8192).optional(),
  /** For the whole answer. */
  timeoutSeconds: z.number().min(0.1).max(25).default(10),
});
export type Upstream = z.infer<typeof upstreamSchema>;

const fairplaySchema = upstreamSchema.extend({
  /** FairPlay's application certificate: a file in DER, or where to get it. */
  certificateFile: z.string().min(1).optional(),
  certificateUrl: address.optional(),
});

const upstreamsSchema = z.strictObject({
  widevine: upstreamSchema.optional(),
  playready: upstreamSchema.optional(),
  fairplay: fairplaySchema.optional(),
});
export type Upstreams = z.infer<typeof upstreamsSchema>;

/** Reads the servers that make licences, in YAML. Throws LICENSE_CONFIG, which tells no header and no URL. */
export function parseUpstreams(text: string, name: string): Upstreams {
  const upstreams = parseYaml(upstreamsSchema, text, name);
  for (const system of PROXIED) {
    const upstream = upstreams[system];
    if (!upstream) continue;
    for (const [header, template] of Object.entries(upstream.headers)) {
      const where = `${name}: ${system}.headers.${header}`;
      if (OWN_HEADERS.test(header)) throw licenseConfig(`${where} is not for you to set`);
      checkTemplate(template, HEADER_NAMES, where);
    }
    if (upstream.body !== undefined) checkTemplate(upstream.body, BODY_NAMES, `${name}: ${system}.body`);
  }
  const { certificateFile, certificateUrl } = upstreams.fairplay ?? {};
  if (certificateFile !== undefined && certificateUrl !== undefined)
    throw licenseConfig(`${name}: fairplay has a certificateFile and a certificateUrl; one is enough`);
  return upstreams;
}
