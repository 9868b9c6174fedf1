import type { Init } from './boxes/init.js';
import type { Profile, RuleInfo } from './rules/rule.js';

/** Structural brands of CMAF (ISO/IEC 23000-19, 7.2). */
const CMAF_BRANDS = ['cmfc', 'cmf2'];

/** Profiles that are asked for, whatever streams claim. */
export type Forced = ReadonlySet<Profile>;

/** What an initialisation segment claims to follow, and what is asked for. */
export function profilesOfInit({ brands }: Init, forced: Forced): Forced {
  return CMAF_BRANDS.some((brand) => brands.has(brand)) ? new Set([...forced, 'cmaf']) : forced;
}

/** A master playlist with I-frame playlists is made for Apple's devices: theirs is the demand for them. */
export function profilesOfMaster(hasIframes: boolean, forced: Forced): Forced {
  return hasIframes ? new Set([...forced, 'apple']) : forced;
}

/** An MPD says what it follows. */
export function profilesOfMpd(profiles: readonly string[], forced: Forced): Forced {
  const claimed = profiles.some((profile) =>
    /^(http:\/\/dashif\.org\/guidelines\/|urn:dashif:)/.test(profile),
  );
  return claimed ? new Set([...forced, 'dash-if']) : forced;
}

export function applies(rule: RuleInfo, profiles: Forced): boolean {
  return rule.profile === undefined || profiles.has(rule.profile);
}
