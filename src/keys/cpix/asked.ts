import type { DrmSystem, Signalling } from '../types.js';

/** Something that a provider tells of a system and key. */
export type SignallingField = keyof Omit<Signalling, 'system' | 'kid'>;

/** The elements of a DRMSystem that hold it. */
const ELEMENTS: Readonly<Record<SignallingField, { element: string; playlist?: 'media' | 'master' }>> = {
  pssh: { element: 'PSSH' },
  dash: { element: 'ContentProtectionData' },
  hlsMedia: { element: 'HLSSignalingData', playlist: 'media' },
  hlsMaster: { element: 'HLSSignalingData', playlist: 'master' },
};

/** What is asked of each system, in the order of the schema of CPIX. (FairPlay has neither boxes nor DASH.) */
const ASKED: Readonly<Record<DrmSystem, readonly SignallingField[]>> = {
  widevine: ['pssh', 'dash', 'hlsMedia', 'hlsMaster'],
  playready: ['pssh', 'dash', 'hlsMedia', 'hlsMaster'],
  fairplay: ['hlsMedia', 'hlsMaster'],
  clearkey: ['pssh'],
};

/**
 * The systems that a provider is asked about. Of ClearKey it could tell nothing that does not follow from the key id; it is
 * named where no other is, as a document has to name one.
 */
export function askedSystems(systems: readonly DrmSystem[]): readonly DrmSystem[] {
  const proprietary = systems.filter((system) => system !== 'clearkey');
  return proprietary.length > 0 ? proprietary : ['clearkey'];
}

/** The elements that are asked of a system. */
export function askedElements(system: DrmSystem): { element: string; playlist?: string }[] {
  return ASKED[system].map((field) => ELEMENTS[field]);
}

/** What was asked of a system and is not there, by the names of its elements. */
export function lackingElements(system: DrmSystem, given: Signalling): string[] {
  const lacking = ASKED[system].filter((field) => given[field] === undefined);
  return lacking.map((field) => {
    const { element, playlist } = ELEMENTS[field];
    return playlist === undefined ? element : `${element} (${playlist})`;
  });
}
