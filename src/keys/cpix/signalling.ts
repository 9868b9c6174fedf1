import type { Element } from '@xmldom/xmldom';
import { SYSTEM_ID } from '../ids.js';
import type { DrmSystem, Signalling } from '../types.js';
import { BadAnswer } from './bad-answer.js';
import { bytesOf, children, elementsOf, nodesOf, parseXml, textOf } from './xml.js';

const CENC_NAMESPACE = 'urn:mpeg:cenc:2013';
const LEAST_PSSH_BYTES = 32;
const WHITE_SPACE = /^\s*$/;

/**
 * What a DRMSystem element tells of a key, checked: it goes into what players read. Throws BadAnswer; `what` is the system
 * and the key for people.
 */
export function signallingOf(element: Element, system: DrmSystem, kid: string, what: string): Signalling {
  const pssh = psshOf(element, system, what);
  const dash = dashOf(element, pssh, what);
  const hlsMedia = hlsOf(element, 'media', '#EXT-X-KEY:', what);
  const hlsMaster = hlsOf(element, 'master', '#EXT-X-SESSION-KEY:', what);
  return {
    ...{ system, kid },
    ...(pssh ? { pssh } : {}),
    ...(dash === undefined ? {} : { dash }),
    ...(hlsMedia === undefined ? {} : { hlsMedia }),
    ...(hlsMaster === undefined ? {} : { hlsMaster }),
  };
}

/** One whole pssh box (ISO/IEC 23001-7, 8.1) of that system. */
function psshOf(element: Element, system: DrmSystem, what: string): Buffer | undefined {
  const box = bytesOf(single(element, 'PSSH', what));
  if (!box) return undefined;
  const isBox =
    box.length >= LEAST_PSSH_BYTES &&
    box.readUInt32BE(0) === box.length &&
    box.toString('latin1', 4, 8) === 'pssh';
  if (!isBox) throw new BadAnswer(`the PSSH of ${what} is no pssh box`);
  if (box.toString('hex', 12, 28) !== SYSTEM_ID[system])
    throw new BadAnswer(`the PSSH of ${what} is one of another system`);
  return box;
}

/**
 * The XML for the MPD: elements alone, so that they can stand in a ContentProtection element. A pssh among them has to be
 * the PSSH (SPEKE 2.0, customizations).
 */
function dashOf(element: Element, pssh: Buffer | undefined, what: string): string | undefined {
  const name = `the ContentProtectionData of ${what}`;
  const text = utf8Of(single(element, 'ContentProtectionData', what), name);
  if (text === undefined) return undefined;
  const root = parseXml(`<root>${text.replace(/^<\?xml[^>]*\?>/, '')}</root>`, name);
  const isElements = nodesOf(root).every(
    (node) => node.nodeType === 1 || (node.nodeType === 3 && WHITE_SPACE.test(node.nodeValue ?? '')),
  );
  if (!isElements) throw new BadAnswer(`${name} is something else than elements`);
  for (const inner of elementsOf(root)) {
    if (inner.localName !== 'pssh' || inner.namespaceURI !== CENC_NAMESPACE) continue;
    if (pssh && bytesOf(inner)?.equals(pssh) !== true)
      throw new BadAnswer(`${name} has another pssh than the PSSH`);
  }
  return text.replace(/^<\?xml[^>]*\?>\s*/, '').trim();
}

/** Lines for a playlist: tags alone, so that none is taken for the name of a segment, and at least one such `tag`. */
function hlsOf(
  element: Element,
  playlist: 'media' | 'master',
  tag: string,
  what: string,
): string | undefined {
  const name = `the HLSSignalingData (${playlist}) of ${what}`;
  // Without the attribute it is for media playlists (CPIX 2.3, 7.4.11).
  const found = children(element, 'HLSSignalingData').filter(
    (one) => (one.getAttribute('playlist') ?? 'media') === playlist,
  );
  if (found.length > 1) throw new BadAnswer(`${what} has two HLSSignalingData for one playlist`);
  const text = utf8Of(found[0], name);
  if (text === undefined) return undefined;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (!lines.every((line) => line.startsWith('#') && !/\p{Cc}/u.test(line)))
    throw new BadAnswer(`${name} has lines that are neither tags nor comments`);
  if (!lines.some((line) => line.startsWith(tag))) throw new BadAnswer(`${name} has no ${tag.slice(1, -1)}`);
  return lines.join('\n');
}

function single(element: Element, name: string, what: string): Element | undefined {
  const [first, second] = children(element, name);
  if (second) throw new BadAnswer(`${what} has more than one ${name}`);
  return first;
}

function utf8Of(element: Element | undefined, name: string): string | undefined {
  if (textOf(element) === '') return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(element));
  } catch (error) {
    throw error instanceof BadAnswer ? error : new BadAnswer(`${name} is no UTF-8`);
  }
}
