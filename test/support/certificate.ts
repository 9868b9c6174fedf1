import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';

/** A self-signed certificate and its key, PEM. */
export interface TestCertificate {
  certificate: string;
  privateKey: string;
}

type Bytes = Uint8Array;

/** DER: tag, length, content. */
function der(tag: number, ...content: Bytes[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...items: Bytes[]): Buffer => der(0x30, ...items);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Bytes): Buffer => der(0x04, content);
const bits = (content: Bytes): Buffer => der(0x03, Buffer.from([0]), content);
const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));

const SHA256_WITH_RSA = sequence(oid('2a864886f70d01010b'), der(0x05));
const SHA256_WITH_ECDSA = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const DAY_MS = 24 * 3600 * 1000;

function pem(label: string, content: Bytes): string {
  const lines = Buffer.from(content)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export interface CertificateOptions {
  /** RSA's; 2048 unless given. `ec`: P-256 instead. */
  bits?: number | 'ec';
  /** Whether it expired yesterday. */
  expired?: boolean;
}

/** Makes an X.509 v3 certificate for 127.0.0.1 by hand, so that tests need no tool for it. */
export function selfSigned(
  name: string,
  { bits: size = 2048, expired }: CertificateOptions = {},
): TestCertificate {
  const pair: { publicKey: KeyObject; privateKey: KeyObject } =
    size === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: size });
  const algorithm = size === 'ec' ? SHA256_WITH_ECDSA : SHA256_WITH_RSA;
  const subject = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(name)))));
  const end = new Date(Date.now() + (expired ? -1 : 30) * DAY_MS);
  const address = sequence(der(0x87, Buffer.from([127, 0, 0, 1])));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // v3
    der(0x02, Buffer.from([1])), // serial number
    algorithm,
    subject, // of the issuer
    sequence(utcTime(new Date(Date.now() - 2 * DAY_MS)), utcTime(end)),
    subject,
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid(SUBJECT_ALT_NAME), octets(address)))),
  );
  const signature = sign('sha256', toBeSigned, pair.privateKey);
  return {
    certificate: pem('CERTIFICATE', sequence(toBeSigned, algorithm, bits(signature))),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
