import {
  X509Certificate,
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import type { Element } from '@xmldom/xmldom';
import { FAIRPLAY, PLAYREADY, attributesOf, findAll } from './demands.js';

/** A key as the provider gives it. */
export interface GivenKey {
  /** UUID. */
  kid: string;
  scheme: string;
  value: Buffer;
  explicitIV?: Buffer;
  /** What is told to be encrypted, before its MAC is made. */
  cipher?: Buffer;
  /** What was encrypted, after its MAC was made. */
  tamper?: (cipher: Buffer) => Buffer;
  /** Gives it in the clear, though it was to be encrypted. */
  plain?: boolean;
}

export interface GivenSystem {
  kid: string;
  systemId: string;
  /** Elements by name: `PSSH`, `HLSSignalingData media`, …; their values before base64. */
  elements: Record<string, Buffer | string>;
}

/** What a provider answers, before it is written down. */
export interface Given {
  contentId: string;
  version: string;
  keys: GivenKey[];
  systems: GivenSystem[];
  rules: { kid: string; intendedTrackType: string }[];
  /** Certificates for which the document key is encrypted. */
  certificates: X509Certificate[];
  documentKey: Buffer;
  /** The document key that it tells of, which should be the same. */
  toldKey: Buffer;
  macKey: Buffer;
  algorithms: { rsa: string; aes: string; mac: string };
  /** How the element in MACMethod is called, and whether EncryptedValue is in it. */
  macElement: 'cpix:Key' | 'bare cpix:Key' | 'bare pskc:MACKey';
}

/** A whole pssh box of version 0. */
export function psshBox(systemId: string, data: Buffer): Buffer {
  const box = Buffer.alloc(32 + data.length);
  box.writeUInt32BE(box.length, 0);
  box.write('pssh', 4, 'latin1');
  box.write(systemId.replaceAll('-', ''), 12, 'hex');
  box.writeUInt32BE(data.length, 28);
  data.copy(box, 32);
  return box;
}

/** What a provider tells of a system and key. */
function elementsFor(systemId: string, kid: string): Record<string, Buffer | string> {
  const hex = kid.replaceAll('-', '');
  const hls = (tag: string): Record<'media' | 'master', string> => ({
    media: `#EXT-X-KEY:METHOD=SAMPLE-AES,${tag}`,
    master: `#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,${tag}\n#EXT-X-OURS:${hex}`,
  });
  if (systemId === FAIRPLAY) {
    const { media, master } = hls(`URI="skd://provider/${hex}",KEYFORMAT="com.apple.streamingkeydelivery"`);
    return { 'HLSSignalingData media': media, 'HLSSignalingData master': master };
  }
  const pssh = psshBox(systemId, Buffer.from(`provider ${hex}`));
  const { media, master } = hls(
    `URI="data:text/plain;base64,${pssh.toString('base64')}",KEYFORMAT="urn:uuid:${systemId}"`,
  );
  const pro = systemId === PLAYREADY ? '<mspr:pro xmlns:mspr="urn:microsoft:playready">AAAA</mspr:pro>' : '';
  return {
    PSSH: pssh,
    ContentProtectionData: `<pssh xmlns="urn:mpeg:cenc:2013">${pssh.toString('base64')}</pssh>${pro}`,
    'HLSSignalingData media': media,
    'HLSSignalingData master': master,
  };
}

/** The right answer to a request. */
export function answerTo(root: Element, keyOf: (contentId: string, kid: string) => Buffer): Given {
  const contentId = root.getAttribute('contentId')!;
  const certificates = findAll(root, 'X509Certificate').map(
    (element) => new X509Certificate(Buffer.from(element.textContent ?? '', 'base64')),
  );
  const documentKey = randomBytes(32);
  return {
    ...{ contentId, version: root.getAttribute('version')!, certificates },
    keys: findAll(root, 'ContentKey').map((key) => {
      const { kid = '', commonEncryptionScheme: scheme = '' } = attributesOf(key);
      return { kid, scheme, value: keyOf(contentId, kid) };
    }),
    systems: findAll(root, 'DRMSystem').map((system) => {
      const { kid = '', systemId = '' } = attributesOf(system);
      const asked = findAll(system, 'PSSH').length > 0 || systemId === FAIRPLAY;
      return { kid, systemId, elements: asked ? elementsFor(systemId, kid) : {} };
    }),
    rules: findAll(root, 'ContentKeyUsageRule').map((rule) => {
      const { kid = '', intendedTrackType = '' } = attributesOf(rule);
      return { kid, intendedTrackType };
    }),
    ...{ documentKey, toldKey: documentKey, macKey: randomBytes(64), macElement: 'cpix:Key' },
    algorithms: {
      rsa: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      aes: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
      mac: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha512',
    },
  };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const base64 = (value: Buffer | string): string => Buffer.from(value).toString('base64');

function encryptedValue(algorithm: string, cipher: Buffer): string {
  return `<enc:EncryptionMethod Algorithm="${algorithm}"/>
    <enc:CipherData><enc:CipherValue>${base64(cipher)}</enc:CipherValue></enc:CipherData>`;
}

/** The document that says so; `prefix` is what the namespace of CPIX is called in it. */
export function written(given: Given, prefix = 'cpix:'): string {
  const xmlns = prefix === '' ? 'xmlns' : `xmlns:${prefix.slice(0, -1)}`;
  const text = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cpix:CPIX contentId="${escaped(given.contentId)}" version="${given.version}" ${xmlns}="urn:dashif:org:cpix"
    xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    xmlns:enc="http://www.w3.org/2001/04/xmlenc#">
  ${deliveries(given)}
  <cpix:ContentKeyList>${given.keys.map((key) => contentKey(key, given)).join('\n')}</cpix:ContentKeyList>
  <cpix:DRMSystemList>${given.systems.map(drmSystem).join('\n')}</cpix:DRMSystemList>
  <cpix:ContentKeyUsageRuleList>${given.rules
    .map(
      ({ kid, intendedTrackType }) =>
        `<cpix:ContentKeyUsageRule kid="${kid}" intendedTrackType="${intendedTrackType}"/>`,
    )
    .join('\n')}</cpix:ContentKeyUsageRuleList>
</cpix:CPIX>`;
  return text.replaceAll('<cpix:', `<${prefix}`).replaceAll('</cpix:', `</${prefix}`);
}

function deliveries(given: Given): string {
  if (given.certificates.length === 0) return '';
  const { algorithms, toldKey, macKey } = given;
  const one = (certificate: X509Certificate): string => {
    const wrap = (key: Buffer): string =>
      encryptedValue(
        algorithms.rsa,
        publicEncrypt(
          { key: certificate.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
          key,
        ),
      );
    const holder = given.macElement.replace('bare ', '');
    const mac = given.macElement.startsWith('bare')
      ? wrap(macKey)
      : `<pskc:EncryptedValue>${wrap(macKey)}</pskc:EncryptedValue>`;
    return `<cpix:DeliveryData id="recipient">
      <cpix:DeliveryKey><ds:X509Data><ds:X509Certificate>${base64(certificate.raw)}</ds:X509Certificate></ds:X509Data></cpix:DeliveryKey>
      <cpix:DocumentKey Algorithm="${algorithms.aes}"><cpix:Data><pskc:Secret>
        <pskc:EncryptedValue>${wrap(toldKey)}</pskc:EncryptedValue>
      </pskc:Secret></cpix:Data></cpix:DocumentKey>
      <cpix:MACMethod Algorithm="${algorithms.mac}"><${holder}>${mac}</${holder}></cpix:MACMethod>
    </cpix:DeliveryData>`;
  };
  return `<cpix:DeliveryDataList>${given.certificates.map(one).join('\n')}</cpix:DeliveryDataList>`;
}

function contentKey(key: GivenKey, { certificates, documentKey, macKey, algorithms }: Given): string {
  const iv = key.explicitIV ? ` explicitIV="${base64(key.explicitIV)}"` : '';
  const start = `<cpix:ContentKey kid="${key.kid}" commonEncryptionScheme="${key.scheme}"${iv}>`;
  const secret = (content: string): string =>
    `${start}<cpix:Data><pskc:Secret>${content}</pskc:Secret></cpix:Data></cpix:ContentKey>`;
  if (certificates.length === 0 || key.plain)
    return secret(`<pskc:PlainValue>${base64(key.value)}</pskc:PlainValue>`);
  const nonce = randomBytes(16);
  const aes = createCipheriv('aes-256-cbc', documentKey, nonce);
  const cipher = key.cipher ?? Buffer.concat([nonce, aes.update(key.value), aes.final()]);
  const mac = createHmac('sha512', macKey).update(cipher).digest();
  const shown = key.tamper?.(cipher) ?? cipher;
  return secret(`<pskc:EncryptedValue>${encryptedValue(algorithms.aes, shown)}</pskc:EncryptedValue>
    <pskc:ValueMAC>${base64(mac)}</pskc:ValueMAC>`);
}

function drmSystem({ kid, systemId, elements }: GivenSystem): string {
  const inner = Object.entries(elements).map(([name, value]) => {
    const [element, playlist] = name.split(' ');
    const attribute = playlist === undefined ? '' : ` playlist="${playlist}"`;
    return `<cpix:${element}${attribute}>${base64(value)}</cpix:${element}>`;
  });
  return `<cpix:DRMSystem kid="${kid}" systemId="${systemId}">${inner.join('')}</cpix:DRMSystem>`;
}
