import type { Element } from '@xmldom/xmldom';
import { SYSTEM_ID, hexOf } from '../ids.js';
import { keyMissing, keyText } from '../missing.js';
import { SecretKey } from '../secret-key.js';
import type { ContentKey, DrmSystem, KeySet, Signalling, WantedKey } from '../types.js';
import { askedSystems, lackingElements } from './asked.js';
import { BadAnswer } from './bad-answer.js';
import { type DocumentKeys, type Recipient, decryptedKey, documentKeys } from './document-keys.js';
import type { DocumentRequest } from './request-document.js';
import { signallingOf } from './signalling.js';
import { NAMESPACES, bytesOf, child, children, parseXml } from './xml.js';

const KEY_BYTES = 16;
const ASK_PROVIDER = 'Ask the provider for what is named: it has to answer all that it was asked for.';

export interface AnswerContext {
  /** Name of the key service, for errors. */
  service: string;
  request: DocumentRequest;
  /** Where it was asked for encrypted keys. */
  recipient: Recipient | undefined;
}

/**
 * Keys and signalling of a CPIX document that answers `request`. Throws BadAnswer, and KEY_MISSING for keys, systems and
 * signalling that it leaves out: what an encryptor asked for has to be there (SPEKE 2.0, customizations).
 */
export function parseAnswer(text: string, context: AnswerContext): KeySet {
  const { request, recipient } = context;
  const root = parseXml(text, 'it');
  if (root.localName !== 'CPIX' || root.namespaceURI !== NAMESPACES.cpix)
    throw new BadAnswer('it is no CPIX document');
  const contentId = root.getAttribute('contentId');
  if (contentId !== null && contentId !== request.contentId)
    throw new BadAnswer('it is for another content id than was asked for');
  const elements = contentKeysOf(root, context);
  checkRules(root, request);
  const documents = recipient && documentKeys(root, recipient);
  const keys = request.keys.map((wanted) => contentKey(elements.get(wanted.kid)!, wanted, documents));
  return { keys, signalling: signallings(root, context) };
}

/** The ContentKey of every key that was asked for, and no other. */
function contentKeysOf(root: Element, { request, service }: AnswerContext): Map<string, Element> {
  const found = new Map<string, Element>();
  for (const element of listOf(root, 'ContentKeyList', 'ContentKey')) {
    const kid = hexOf(element.getAttribute('kid') ?? '');
    if (found.has(kid)) throw new BadAnswer(`it has two keys ${kid}`);
    const scheme = element.getAttribute('commonEncryptionScheme');
    if (scheme !== null && scheme !== request.scheme)
      throw new BadAnswer(`its key ${kid} is for another scheme than ${request.scheme}`);
    found.set(kid, element);
  }
  const absent = request.keys.filter(({ kid }) => !found.has(kid));
  if (absent.length > 0) throw keyMissing(service, absent.map(keyText), ASK_PROVIDER);
  if (found.size > request.keys.length) throw new BadAnswer('it has keys that were not asked for');
  return found;
}

function listOf(root: Element, list: string, item: string): Element[] {
  const found = child(root, list);
  return found ? children(found, item) : [];
}

/** A provider must not change what a key is for. */
function checkRules(root: Element, { keys }: DocumentRequest): void {
  for (const rule of listOf(root, 'ContentKeyUsageRuleList', 'ContentKeyUsageRule')) {
    const wanted = keys.find(({ kid }) => kid === hexOf(rule.getAttribute('kid') ?? ''));
    const type = rule.getAttribute('intendedTrackType');
    if (!wanted) throw new BadAnswer('it has usage rules of keys that were not asked for');
    if (type !== null && type !== wanted.label)
      throw new BadAnswer(`it uses key ${wanted.kid} for something else than ${wanted.label}`);
  }
}

function contentKey(element: Element, wanted: WantedKey, documents: DocumentKeys | undefined): ContentKey {
  const secret = child(element, 'Data', 'Secret');
  const name = `key ${keyText(wanted)}`;
  if (!secret) throw new BadAnswer(`${name} has no value`);
  const bytes = documents ? encrypted(secret, documents, name) : plain(secret, name);
  if (bytes.length !== KEY_BYTES)
    throw new BadAnswer(`${name} has ${bytes.length} bytes instead of ${KEY_BYTES}`);
  const key = new SecretKey(bytes);
  bytes.fill(0);
  const iv = explicitIv(element, name);
  return { ...wanted, key, ...(iv ? { iv } : {}) };
}

function encrypted(secret: Element, documents: DocumentKeys, name: string): Buffer {
  if (child(secret, 'PlainValue'))
    throw new BadAnswer(`${name} came in the clear, though it was to be encrypted by our certificate`);
  return decryptedKey(secret, documents, name);
}

function plain(secret: Element, name: string): Buffer {
  if (child(secret, 'EncryptedValue'))
    throw new BadAnswer(`${name} came encrypted, though there is no certificate of ours to do that with`);
  return bytesOf(child(secret, 'PlainValue')) ?? Buffer.alloc(0);
}

function explicitIv(element: Element, name: string): Buffer | undefined {
  const text = element.getAttribute('explicitIV');
  if (!text) return undefined;
  const iv = Buffer.from(text, 'base64');
  if (iv.length !== KEY_BYTES) throw new BadAnswer(`the explicitIV of ${name} is not of 16 bytes`);
  return iv;
}

function signallings(root: Element, { request, service }: AnswerContext): Signalling[] {
  const elements = listOf(root, 'DRMSystemList', 'DRMSystem');
  const absent: string[] = [];
  const found: Signalling[] = [];
  for (const wanted of request.keys) {
    for (const system of askedSystems(request.systems)) {
      const what = `${system} of key ${keyText(wanted)}`;
      const element = drmSystem(elements, system, wanted.kid, what);
      const signalling = element && signallingOf(element, system, wanted.kid, what);
      if (signalling) found.push(signalling);
      // Of ClearKey everything follows from the key id.
      if (system === 'clearkey') continue;
      if (!signalling) absent.push(what);
      else absent.push(...lackingElements(system, signalling).map((name) => `${name} of ${what}`));
    }
  }
  if (absent.length > 0) throw keyMissing(service, absent, ASK_PROVIDER);
  return found;
}

function drmSystem(
  elements: readonly Element[],
  system: DrmSystem,
  kid: string,
  what: string,
): Element | undefined {
  const own = elements.filter(
    (element) =>
      hexOf(element.getAttribute('systemId') ?? '') === SYSTEM_ID[system] &&
      hexOf(element.getAttribute('kid') ?? '') === kid,
  );
  if (own.length > 1) throw new BadAnswer(`it has ${what} twice`);
  return own[0];
}
