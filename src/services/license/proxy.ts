import { HullcastError } from '../../errors.js';
import type { LicenseClaims } from './claims.js';
import type { Decision } from './decide.js';
import { type ExchangeAnswer, type ExchangeRequest, exchange } from './exchange.js';
import type { ProtectedTitle } from './protection.js';
import { type TemplateValues, fillHeader, fillJson } from './template.js';
import type { ProxiedSystem, Upstream } from './upstreams.js';

/** Licences of a film with dozens of keys have some tens of KiB. */
const MOST_ANSWER_BYTES = 1024 * 1024;
const BYTES = 'application/octet-stream';
const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\w-]+=(?:[\w.-]+|"[\w .-]*"))*$/;

export interface UpstreamAnswer {
  contentType: string;
  body: Buffer;
}

export interface Challenge {
  body: Uint8Array;
  contentType: string | undefined;
  /** PlayReady's clients name the operation in this header of SOAP. */
  soapAction: string | undefined;
}

/**
 * What an upstream server is told, as `{policy}`: it is the one that reads the request and makes the licence, and must hold
 * to it. Keys are those that are allowed.
 */
export function policyDocument(
  claims: LicenseClaims,
  { contentId, keys: all }: ProtectedTitle,
  { keys, persistent, seconds, renewSeconds }: Decision,
): object {
  return {
    ...{ title: claims.title, contentId, device: claims.device },
    ...(claims.session === undefined ? {} : { session: claims.session }),
    keys: keys
      .filter(({ refused }) => refused === undefined)
      .map(({ kid, label, security, hdcp }) => {
        const iv = all.find((key) => key.kid === kid)?.iv;
        return { kid, label, ...(iv === undefined ? {} : { iv }), security, hdcp };
      }),
    ...{ persistent, licenseSeconds: seconds },
    ...(renewSeconds === undefined ? {} : { renewSeconds }),
  };
}

export function templateValues(
  claims: LicenseClaims,
  title: ProtectedTitle,
  decision: Decision,
): TemplateValues {
  const allowed = decision.keys.filter(({ refused }) => refused === undefined);
  return {
    policy: policyDocument(claims, title, decision),
    title: claims.title,
    contentId: title.contentId,
    device: claims.device,
    session: claims.session ?? '',
    kids: allowed.map(({ kid }) => kid).join(','),
  };
}

/** The request for an upstream server: a function of its arguments. */
export function upstreamRequest(
  upstream: Upstream,
  challenge: Challenge,
  values: TemplateValues,
): Pick<ExchangeRequest, 'method' | 'url' | 'headers' | 'body' | 'timeoutMs'> {
  const { url, body, timeoutSeconds } = upstream;
  const contentType = body === undefined ? passedType(challenge.contentType) : 'application/json';
  const { soapAction } = challenge;
  const filled = Object.entries(upstream.headers).map(([name, template]) => [
    name.toLowerCase(),
    fillHeader(template, values),
  ]);
  return {
    ...{ method: 'POST', url, timeoutMs: timeoutSeconds * 1000 },
    headers: {
      'content-type': contentType,
      ...(soapAction !== undefined && /^[\x21-\x7e]{1,256}$/.test(soapAction)
        ? { soapaction: soapAction }
        : {}),
      ...(Object.fromEntries(filled) as Record<string, string>),
    },
    body:
      body === undefined
        ? challenge.body
        : Buffer.from(
            fillJson(body, { ...values, challenge: Buffer.from(challenge.body).toString('base64') }),
          ),
  };
}

function passedType(contentType: string | undefined): string {
  return contentType !== undefined && contentType.length <= 256 && TYPE.test(contentType)
    ? contentType
    : BYTES;
}

/**
 * Asks an upstream server. Throws LICENSE_UPSTREAM (transient): what the outside is told of it names nothing of the server;
 * the cause, for the log, no header and no path.
 */
export async function askUpstream(
  system: ProxiedSystem,
  request: Omit<ExchangeRequest, 'maxBytes'>,
): Promise<UpstreamAnswer> {
  let answer: ExchangeAnswer;
  try {
    answer = await exchange({ ...request, maxBytes: MOST_ANSWER_BYTES });
  } catch (cause) {
    throw upstreamFailed(system, cause);
  }
  const { status, body, contentType } = answer;
  if (status < 200 || status > 299) throw upstreamFailed(system, new Error(`it answers with ${status}`));
  if (body.length === 0) throw upstreamFailed(system, new Error('its answer is empty'));
  return { contentType: passedType(contentType), body };
}

function upstreamFailed(system: ProxiedSystem, cause: unknown): HullcastError {
  return new HullcastError('LICENSE_UPSTREAM', `the licence server for ${system} gave no licence`, {
    ...{ transient: true, cause },
  });
}
