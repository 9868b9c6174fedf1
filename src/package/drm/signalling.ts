import {
  type DrmSystem,
  type KeyLabel,
  type ProtectionScheme,
  SYSTEM_ID,
  type Signalling,
} from '../../keys/index.js';
import { HullcastError } from '../../errors.js';
import type { Encryption } from '../types.js';
import { NAMESPACES, protectionXml } from './content-protection.js';
import { hlsMethod } from './hls-method.js';
import { hexadecimal } from '../packager/attributes.js';
import { keyLines } from './key-lines.js';
import { type Pssh, parsePssh, psshBox } from './pssh.js';
import { widevineData } from './widevine.js';
import { isXmlContent } from './xml-fragment.js';

/** What players are told of one system and the key of one rendition. */
export interface SystemSignalling {
  system: DrmSystem;
  /** A whole box for the initialisation segment. */
  pssh?: Buffer;
  /** A whole ContentProtection element, or two, for the MPD. */
  dash: string;
  /** EXT-X-KEY and EXT-X-SESSION-KEY, one a line. */
  media: string[];
  master: string[];
}

/** What the signalling of a rendition follows from. */
export interface SignallingFacts {
  encryption: Encryption;
  key: { label: KeyLabel; kid: string };
  /** Constant IV, hex; undefined for a scheme with IVs in the samples. */
  iv: string | undefined;
  /** The boxes that the packager made for this rendition. */
  made: readonly Pssh[];
  /** What the key service wants players to be told, of all systems and keys. */
  given: readonly Signalling[];
}

/** Order in the files: whom the more players know comes first. */
const ORDER: readonly DrmSystem[] = ['widevine', 'playready', 'fairplay', 'clearkey'];

function unusable(system: DrmSystem, what: string): HullcastError {
  return new HullcastError('DRM_SIGNALLING', `the key service's signalling for ${system}: ${what}`, {
    hint: 'Ask the DRM provider, or leave the system out of --drm.',
  });
}

function givenXml(system: DrmSystem, xml: string): string {
  if (isXmlContent(xml, Object.keys(NAMESPACES))) return xml;
  throw unusable(system, 'its XML for the MPD is not well-formed');
}

function givenPssh(system: DrmSystem, bytes: Uint8Array): Buffer {
  const pssh = parsePssh(Buffer.from(bytes));
  if (!pssh) throw unusable(system, 'its pssh is not exactly one pssh box');
  if (pssh.systemId !== SYSTEM_ID[system]) throw unusable(system, `its pssh is of system ${pssh.systemId}`);
  return pssh.bytes;
}

/**
 * The box that a system gets unless the key service gives one. Those of Widevine and of the common system name all keys of
 * the title, so that one licence opens all that a device may play; PlayReady's, which the packager makes with the key's
 * checksum, names the key of the rendition; FairPlay has none.
 */
function ownPssh(system: DrmSystem, { encryption, made }: SignallingFacts): Buffer | undefined {
  const kids = encryption.keys.map(({ kid }) => kid);
  switch (system) {
    case 'clearkey':
      return psshBox(SYSTEM_ID.clearkey, kids, Buffer.alloc(0));
    case 'widevine':
      return psshBox(SYSTEM_ID.widevine, [], widevineData(kids, encryption.scheme));
    case 'playready': {
      const box = made.find(({ systemId }) => systemId === SYSTEM_ID.playready)?.bytes;
      if (box) return box;
      throw new HullcastError('PACKAGE_INIT', 'the packager made no pssh box for PlayReady', {
        hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
      });
    }
    case 'fairplay':
      return undefined;
  }
}

/**
 * Lines of the key service as they go into a playlist, without comments: their method must be the scheme's, an IV that they
 * name becomes the true one.
 */
function givenLines(
  text: string,
  tag: 'EXT-X-KEY' | 'EXT-X-SESSION-KEY',
  system: DrmSystem,
  { scheme, iv }: { scheme: ProtectionScheme; iv: string | undefined },
): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^#(?!EXT)/.test(line));
  const method = hlsMethod(scheme);
  return lines.map((line) => {
    if (!line.startsWith(`#${tag}:`)) throw unusable(system, `"${line.slice(0, 40)}" is no ${tag}`);
    const found = /[:,]METHOD=([^,]*)/.exec(line)?.[1];
    if (found !== method) throw unusable(system, `METHOD is ${found ?? 'missing'}, ${scheme} is ${method}`);
    const withoutIv = line.replace(/,IV=0[xX][0-9A-Fa-f]+/, '');
    const named = withoutIv !== line && tag === 'EXT-X-KEY' && iv !== undefined;
    return named ? `${withoutIv},IV=${hexadecimal(iv)}` : withoutIv;
  });
}

function signallingOf(system: DrmSystem, facts: SignallingFacts): SystemSignalling {
  const { encryption, key, iv, given } = facts;
  const { scheme, systems, licenseUrls } = encryption;
  const theirs = given.find((each) => each.system === system && each.kid === key.kid);
  const pssh = theirs?.pssh ? givenPssh(system, theirs.pssh) : ownPssh(system, facts);
  const lines = (tag: 'EXT-X-KEY' | 'EXT-X-SESSION-KEY'): string[] =>
    keyLines(tag, system, { scheme, kid: key.kid, iv, pssh, alone: !systems.includes('widevine') });
  return {
    system,
    ...(pssh ? { pssh } : {}),
    dash: protectionXml(system, {
      pssh,
      licenseUrl: licenseUrls?.[system],
      given: theirs?.dash && givenXml(system, theirs.dash),
    }),
    media: theirs?.hlsMedia
      ? givenLines(theirs.hlsMedia, 'EXT-X-KEY', system, { scheme, iv })
      : lines('EXT-X-KEY'),
    master: theirs?.hlsMaster
      ? givenLines(theirs.hlsMaster, 'EXT-X-SESSION-KEY', system, { scheme, iv })
      : lines('EXT-X-SESSION-KEY'),
  };
}

/** What players are told of a rendition's key, system by system. Throws DRM_SIGNALLING and PACKAGE_INIT. */
export function renditionSignalling(facts: SignallingFacts): SystemSignalling[] {
  const { systems } = facts.encryption;
  return ORDER.filter((system) => systems.includes(system)).map((system) => signallingOf(system, facts));
}
