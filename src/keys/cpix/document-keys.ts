import {
  type KeyObject,
  type X509Certificate,
  constants,
  createDecipheriv,
  createHmac,
  privateDecrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { Element } from '@xmldom/xmldom';
import { BadAnswer } from './bad-answer.js';
import { bytesOf, child, children } from './xml.js';

/** With what a provider encrypts keys for us, and how they are opened. */
export interface Recipient {
  certificate: X509Certificate;
  /** RSA; the certificate's. */
  privateKey: KeyObject;
}

/** The keys of a document (CPIX 2.3, 9.1): one encrypts content keys, the other authenticates them. */
export interface DocumentKeys {
  document: Buffer;
  mac: Buffer;
}

/** Algorithms that CPIX 2.3 demands (9.1.4), by their names in XML encryption and signatures. */
const RSA_OAEP = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p';
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
const AES_256_CBC = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc';
const HMAC_SHA512 = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha512';
const DOCUMENT_KEY_BYTES = 32;
const IV_BYTES = 16;

/** The keys of an answer that are encrypted for us. Throws BadAnswer. */
export function documentKeys(root: Element, recipient: Recipient): DocumentKeys {
  const delivery = deliveryFor(root, recipient);
  const document = child(delivery, 'DocumentKey', 'Data', 'Secret', 'EncryptedValue');
  const method = child(delivery, 'MACMethod');
  // The schemas of CPIX and PSKC differ in how they call it, and implementations in whether EncryptedValue is between.
  const holder = method && (child(method, 'Key') ?? child(method, 'MACKey'));
  if (!document || !method || !holder)
    throw new BadAnswer('the document key or the MAC key is missing in its DeliveryData');
  if (method.getAttribute('Algorithm') !== HMAC_SHA512) throw new BadAnswer('its MACs are not HMAC-SHA512');
  const keys = {
    document: rsaDecrypted(document, recipient.privateKey, 'document key'),
    mac: rsaDecrypted(child(holder, 'EncryptedValue') ?? holder, recipient.privateKey, 'MAC key'),
  };
  if (keys.document.length !== DOCUMENT_KEY_BYTES || keys.mac.length === 0)
    throw new BadAnswer('its document key or MAC key has a wrong length');
  return keys;
}

function deliveryFor(root: Element, { certificate }: Recipient): Element {
  const list = child(root, 'DeliveryDataList');
  const own = list && children(list, 'DeliveryData').find((data) => isFor(data, certificate));
  if (!own) throw new BadAnswer('nothing in it is encrypted for the certificate that it was sent');
  return own;
}

function isFor(delivery: Element, certificate: X509Certificate): boolean {
  const der = bytesOf(child(delivery, 'DeliveryKey', 'X509Data', 'X509Certificate'));
  return der?.equals(certificate.raw) ?? false;
}

function rsaDecrypted(value: Element, privateKey: KeyObject, what: string): Buffer {
  const method = child(value, 'EncryptionMethod');
  const digest = method && child(method, 'DigestMethod')?.getAttribute('Algorithm');
  if (method?.getAttribute('Algorithm') !== RSA_OAEP || (digest ?? SHA1) !== SHA1)
    throw new BadAnswer(`its ${what} is not encrypted by RSA-OAEP-MGF1-SHA1`);
  const cipher = bytesOf(child(value, 'CipherData', 'CipherValue')) ?? Buffer.alloc(0);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  try {
    return privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, cipher);
  } catch {
    throw new BadAnswer(`its ${what} cannot be decrypted with our private key`);
  }
}

/** A content key out of its Secret element: first authenticated, then decrypted. Throws BadAnswer; `what` names the key. */
export function decryptedKey(secret: Element, keys: DocumentKeys, what: string): Buffer {
  const value = child(secret, 'EncryptedValue');
  const cipher = value && bytesOf(child(value, 'CipherData', 'CipherValue'));
  const mac = bytesOf(child(secret, 'ValueMAC'));
  if (!value || !cipher) throw new BadAnswer(`${what} has no encrypted value`);
  if (child(value, 'EncryptionMethod')?.getAttribute('Algorithm') !== AES_256_CBC)
    throw new BadAnswer(`${what} is not encrypted by AES-256-CBC`);
  if (!mac) throw new BadAnswer(`${what} has no MAC`);
  const expected = createHmac('sha512', keys.mac).update(cipher).digest();
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected))
    throw new BadAnswer(
      `the MAC of ${what} is wrong: it was changed on its way, or encrypted for somebody else`,
    );
  try {
    const decipher = createDecipheriv('aes-256-cbc', keys.document, cipher.subarray(0, IV_BYTES));
    return Buffer.concat([decipher.update(cipher.subarray(IV_BYTES)), decipher.final()]);
  } catch {
    throw new BadAnswer(`${what} cannot be decrypted`);
  }
}
