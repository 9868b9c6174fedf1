import type { DrmSystem, WantedKey } from '../../keys/index.js';
import { type DeviceFacts, type HdcpVersion, type SecurityLevel, hasHdcp, hasSecurity } from './levels.js';
import type { LicensePolicy } from './policy.js';

/** What a decision rests on. */
export interface LicenseFacts {
  system: DrmSystem;
  /** The keys in question. */
  keys: readonly WantedKey[];
  device: DeviceFacts;
  nowSeconds: number;
  /** No licence lasts longer than this, seconds since 1970. */
  until?: number | undefined;
}

/**
 * Why a key is refused: ClearKey may not open it; the device's security or the protection of its output is too weak; the
 * time for licences is over.
 */
export type Refusal = 'clearkey' | 'security' | 'hdcp' | 'over';

export interface KeyDecision extends WantedKey {
  /** Undefined where the key is allowed. */
  refused: Refusal | undefined;
  /** What players must hold to while they use it. */
  security: SecurityLevel;
  hdcp: HdcpVersion;
}

export interface Decision {
  /** In the order of the facts. */
  keys: KeyDecision[];
  persistent: boolean;
  /** How long licences last from now; 0 where none is allowed any more. */
  seconds: number;
  /** After how long they are to be renewed; undefined where they last unrenewed. */
  renewSeconds: number | undefined;
}

function refusal(policy: LicensePolicy, facts: LicenseFacts, { label }: WantedKey): Refusal | undefined {
  const { system, device } = facts;
  // Whatever the token says of the device, ClearKey hands keys to the page: its own list decides, and nothing else.
  if (system === 'clearkey') return policy.clearkey.includes(label) ? undefined : 'clearkey';
  const needed = policy.labels[label];
  if (!hasSecurity(device, needed.security)) return 'security';
  return hasHdcp(device, needed.hdcp) ? undefined : 'hdcp';
}

/** What a policy says of some keys. A function of its arguments. */
export function decide(policy: LicensePolicy, facts: LicenseFacts): Decision {
  const { nowSeconds, until = Infinity } = facts;
  const { persistent, renewSeconds } = policy.license;
  const seconds = Math.max(0, Math.min(policy.license.seconds, Math.floor(until - nowSeconds)));
  return {
    keys: facts.keys.map(({ kid, label, period }) => ({
      ...{ kid, label, ...policy.labels[label] },
      ...(period === undefined ? {} : { period }),
      refused: seconds === 0 ? 'over' : refusal(policy, facts, { kid, label }),
    })),
    ...{ persistent, seconds },
    renewSeconds: renewSeconds !== undefined && renewSeconds < seconds ? renewSeconds : undefined,
  };
}
