import type { Representation } from './mpd.js';
import { type Element, childrenOf } from './xml.js';

const MP4_PROTECTION = 'urn:mpeg:dash:mp4protection:2011';
export const CENC_NAMESPACE = 'urn:mpeg:cenc:2013';

/** ContentProtection elements of a representation and of its adaptation set. */
export function protectionsOf({ element, set }: Representation): Element[] {
  return [element, set.element].flatMap((one) => childrenOf(one, 'ContentProtection'));
}

/** The generic descriptor, which says scheme and key whatever the protection system (ISO/IEC 23009-1, 5.8.5.2). */
export function mp4Protection(representation: Representation): Element | undefined {
  return protectionsOf(representation).find(
    ({ attributes }) => (attributes.get('schemeIdUri') ?? '').toLowerCase() === MP4_PROTECTION,
  );
}

/** cenc:default_KID as it stands. */
export function defaultKid(descriptor: Element): string | undefined {
  return descriptor.foreign.get(`${CENC_NAMESPACE} default_KID`);
}

/** Key ids of an attribute: hexadecimal, 32 digits. */
export function kidsOf(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).map((one) => one.replaceAll('-', '').toLowerCase());
}

/** What an MPD says of a representation's scheme and key; undefined where it says nothing. */
export function saidProtection(representation: Representation): { scheme: string; kid: string } | undefined {
  const own = mp4Protection(representation);
  if (!own) return undefined;
  return { scheme: own.attributes.get('value') ?? '', kid: kidsOf(defaultKid(own))[0] ?? '' };
}
