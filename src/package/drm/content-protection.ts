import { type DrmSystem, type ProtectionScheme, SYSTEM_ID, uuidOf } from '../../keys/index.js';
import { parsePssh } from './pssh.js';
import { DASH_CLEARKEY_ID } from './systems.js';

/** Prefixes of elements in a ContentProtection, which the MPD declares. */
export const NAMESPACES = {
  cenc: 'urn:mpeg:cenc:2013',
  mspr: 'urn:microsoft:playready',
  dashif: 'https://dashif.org/CPS',
} as const;

/** `value` of the ContentProtection of a system that has one. */
const VALUE: Partial<Record<DrmSystem, string>> = { playready: 'MSPR 2.0', fairplay: 'FairPlay' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element with children, one a line; the lines that come in are kept as they are. */
function element(systemId: string, value: string | undefined, children: readonly string[]): string {
  const attributes = `schemeIdUri="urn:uuid:${uuidOf(systemId)}"${value === undefined ? '' : ` value="${value}"`}`;
  if (children.length === 0) return `<ContentProtection ${attributes}/>`;
  return [
    `<ContentProtection ${attributes}>`,
    ...children.map((child) => `  ${child}`),
    '</ContentProtection>',
  ].join('\n');
}

function licence(url: string): string {
  return `<dashif:Laurl>${escaped(url)}</dashif:Laurl>`;
}

/** The element that says how media are encrypted and with which key, whatever the system. */
export function mp4Protection(scheme: ProtectionScheme, kid: string): string {
  return (
    `<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="${scheme}" ` +
    `cenc:default_KID="${uuidOf(kid)}"/>`
  );
}

/** Whether a piece of XML has an element of that name, whatever its prefix. */
function has(xml: string, name: string): boolean {
  return new RegExp(`<(?:[\\w.-]+:)?${name}[\\s/>]`).test(xml);
}

/**
 * The ContentProtection of a system: its box, PlayReady's object once more by itself, the licence server. XML that the key
 * service gives takes the place of what it holds itself. A ClearKey licence server is named in an element of DASH-IF's own,
 * and before the common one: players that merge the two take the first address.
 */
export function protectionXml(
  system: DrmSystem,
  {
    pssh,
    licenseUrl,
    given = '',
  }: { pssh: Buffer | undefined; licenseUrl: string | undefined; given?: string | undefined },
): string {
  const object = system === 'playready' && pssh ? parsePssh(pssh)?.data : undefined;
  const box = pssh && !has(given, 'pssh') ? [`<cenc:pssh>${pssh.toString('base64')}</cenc:pssh>`] : [];
  const pro = object && !has(given, 'pro') ? [`<mspr:pro>${object.toString('base64')}</mspr:pro>`] : [];
  const server = licenseUrl !== undefined && !has(given, 'Laurl') ? [licence(licenseUrl)] : [];
  const theirs = given.trim() === '' ? [] : [given.trim()];
  if (system === 'clearkey' && server.length > 0) {
    return [
      element(DASH_CLEARKEY_ID, 'ClearKey1.0', server),
      element(SYSTEM_ID.clearkey, undefined, [...box, ...theirs]),
    ].join('\n');
  }
  return element(SYSTEM_ID[system], VALUE[system], [...box, ...pro, ...server, ...theirs]);
}
