import { createHash } from 'node:crypto';
import { HullcastError } from '../../errors.js';
import type { ContentKey, DrmSystem, KeyService, WantedKey } from '../../keys/index.js';
import { type Admission, type Seen, noSystem, wrongTitle } from './admission.js';
import type { LicenseClaims } from './claims.js';
import { clearKeyLicense, parseClearKeyRequest } from './clearkey.js';
import { type Decision, type KeyDecision, decide } from './decide.js';
import type { LicenseDeps } from './deps.js';
import {
  type Challenge,
  type UpstreamAnswer,
  askUpstream,
  templateValues,
  upstreamRequest,
} from './proxy.js';
import type { ProxiedSystem } from './upstreams.js';

/** A request for the service certificate, in Widevine's protocol: a message of that type and nothing else. It opens no key. */
const WIDEVINE_CERTIFICATE = Buffer.from([0x08, 0x04]);

const WHY = {
  clearkey: 'ClearKey may not open it',
  security: 'it needs a device with security in hardware',
  hdcp: 'it needs an output that is protected better',
  over: 'the time for licences is over',
} as const;

const isAllowed = ({ refused }: KeyDecision): boolean => refused === undefined;

/** What the policy says of some keys of a title; throws LICENSE_REFUSED where it allows none. */
function decideFor(
  { policy, now = Date.now }: LicenseDeps,
  system: DrmSystem,
  claims: LicenseClaims,
  keys: readonly WantedKey[],
): Decision {
  const decision = decide(policy, {
    ...{ system, keys, until: claims.until, nowSeconds: now() / 1000 },
    device: { security: claims.security, hdcp: claims.hdcp },
  });
  if (decision.keys.some(isAllowed)) return decision;
  const reasons = decision.keys.map(({ label, refused }) => `${label}: ${WHY[refused!]}`);
  throw new HullcastError(
    'LICENSE_REFUSED',
    `the policy gives no licence (${[...new Set(reasons)].join('; ')})`,
  );
}

/** Notes that the token is used for something. Throws LICENSE_TOKEN_REPLAYED and LICENSE_UNAVAILABLE. */
async function useToken(
  { uses, policy, now = Date.now }: LicenseDeps,
  { claims, title }: Admission,
  slots: readonly string[],
  seen: Seen,
): Promise<void> {
  const use = await uses.use({
    token: createHash('sha256')
      .update(JSON.stringify([claims.iss, claims.jti]))
      .digest('base64url'),
    ...{ slots, most: title.keys.length, retryMs: policy.retrySeconds * 1000 },
    keepMs: (claims.exp + policy.token.skewSeconds) * 1000 - now() + 1000,
  });
  seen.retry = use === 'retry';
  if (use === 'replay') {
    throw new HullcastError('LICENSE_TOKEN_REPLAYED', 'the licence token was used for this before', {
      hint: 'A token opens each key once: ask for a new one.',
    });
  }
}

/** The content keys. Throws LICENSE_KEYS_DOWN (transient) where the key service is away, and what else it throws. */
async function obtain(
  keys: KeyService,
  { claims, title }: Admission,
  wanted: readonly WantedKey[],
  signal: AbortSignal,
): Promise<ContentKey[]> {
  const { contentId, scheme, systems } = title;
  try {
    const set = await keys.obtain(
      {
        ...{ contentId, scheme, systems },
        keys: wanted.map(({ kid, label, period }) => ({
          ...{ kid, label },
          ...(period === undefined ? {} : { period }),
        })),
        use: { purpose: 'license', subject: claims.session ?? claims.jti },
      },
      signal,
    );
    return set.keys;
  } catch (cause) {
    if (!(cause instanceof HullcastError) || !cause.transient) throw cause;
    throw new HullcastError('LICENSE_KEYS_DOWN', 'the key service does not answer', {
      ...{ transient: true, cause },
    });
  }
}

/** A ClearKey licence with those of the keys asked for that the policy allows, as JSON. */
export async function grantClearKey(
  deps: LicenseDeps,
  admission: Admission,
  body: Uint8Array,
  seen: Seen,
  signal: AbortSignal,
): Promise<string> {
  const { claims, title } = admission;
  if (!deps.keys) throw noSystem('clearkey');
  const { kids, type } = parseClearKeyRequest(body);
  seen.kids = kids;
  const wanted = kids.map((kid) => {
    const key = title.keys.find((candidate) => candidate.kid === kid);
    if (!key) throw wrongTitle();
    return key;
  });
  if (type === 'persistent-license' && !deps.policy.license.persistent)
    throw new HullcastError('LICENSE_REFUSED', 'the policy allows no licences that are kept');
  const allowed = decideFor(deps, 'clearkey', claims, wanted).keys.filter(isAllowed);
  seen.kids = allowed.map(({ kid }) => kid);
  await useToken(
    deps,
    admission,
    allowed.map(({ kid }) => `clearkey ${kid}`),
    seen,
  );
  return clearKeyLicense(await obtain(deps.keys, admission, allowed, signal), type);
}

/**
 * A licence by the server of another system. Which keys the request is for is in that system's own, mostly encrypted,
 * protocol: the policy decides on the title's keys, and the server is told which of them are allowed. A token is good for
 * as many different requests as the title has keys.
 */
export async function grantByUpstream(
  deps: LicenseDeps,
  system: ProxiedSystem,
  admission: Admission,
  challenge: Challenge,
  seen: Seen,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const { claims, title } = admission;
  const upstream = deps.upstreams[system];
  if (!upstream) throw noSystem(system);
  if (challenge.body.length === 0) throw new HullcastError('LICENSE_REQUEST', 'the licence request is empty');
  const decision = decideFor(deps, system, claims, title.keys);
  seen.kids = decision.keys.filter(isAllowed).map(({ kid }) => kid);
  if (system !== 'widevine' || !WIDEVINE_CERTIFICATE.equals(challenge.body)) {
    const digest = createHash('sha256').update(challenge.body).digest('base64url');
    await useToken(deps, admission, [`${system} ${digest}`], seen);
  }
  const request = upstreamRequest(upstream, challenge, templateValues(claims, title, decision));
  return askUpstream(system, { ...request, signal });
}
