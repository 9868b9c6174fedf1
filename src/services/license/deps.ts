import type { DrmSystem, KeyService } from '../../keys/index.js';
import type { LicenseClaims } from './claims.js';
import type { LicensePolicy } from './policy.js';
import type { TitleKeys } from './protection.js';
import type { Upstreams } from './upstreams.js';
import type { TokenUses } from './uses.js';

/**
 * How an ask for a licence ended: `granted`; `token`: missing, wrong, expired, of another title or device; `replayed`;
 * `refused` by the policy, or as there is none of the title or system; `malformed`; `upstream`: the server that makes the
 * licence failed; `failed`: something else did.
 */
export type LicenseOutcome =
  'granted' | 'token' | 'replayed' | 'refused' | 'malformed' | 'upstream' | 'failed';

export interface LicenseLimits {
  /** Requests a minute of one address, which may be that of a whole network. */
  addressPerMinute: number;
  /** Requests a minute of one address with tokens that are missing or wrong. */
  failuresPerMinute: number;
  /** Bytes of a licence request. */
  bodyBytes: number;
  /** Seconds that a request may take. */
  requestSeconds: number;
}

export const DEFAULT_LICENSE_LIMITS: LicenseLimits = {
  addressPerMinute: 1200,
  failuresPerMinute: 60,
  bodyBytes: 64 * 1024,
  requestSeconds: 30,
};

export interface LicenseDeps {
  /** Undefined where there is none: then there are no ClearKey licences. */
  keys: KeyService | undefined;
  titleKeys: TitleKeys;
  /** The claims of a token; throws LICENSE_TOKEN_INVALID and LICENSE_TOKEN_EXPIRED. */
  verify(token: string): Promise<LicenseClaims>;
  uses: TokenUses;
  policy: LicensePolicy;
  upstreams: Upstreams;
  /** FairPlay's application certificate, where it is a file. */
  fairplayCertificate?: Uint8Array | undefined;
  /** Origins whose pages may ask; `*` for all. None unless given. */
  corsOrigins?: readonly string[];
  limits?: Partial<LicenseLimits>;
  /** Told of every ask for a licence. */
  onAnswer?: ((system: DrmSystem, outcome: LicenseOutcome) => void) | undefined;
  /** Milliseconds since 1970; the computer's clock unless given. */
  now?: () => number;
}
