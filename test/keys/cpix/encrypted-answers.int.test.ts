import { describe, it } from 'vitest';
import { selfSigned } from '../../support/certificate.js';
import { type Case, certificateOf, cpixDeployment } from './deployment.js';
import { written } from './provider.js';

const { server, encrypting, expectFailure } = await cpixDeployment();
const stranger = selfSigned('somebody else');

describe('an answer with encrypted keys', () => {
  const flipped = (at: number) => (cipher: Buffer) => {
    const changed = Buffer.from(cipher);
    changed[at]! ^= 1;
    return changed;
  };
  it.each<Case>([
    ['whose IV was changed', /the MAC of key SD \w+ is wrong/, ({ keys }) => (keys[0]!.tamper = flipped(0))],
    [
      'whose key was changed',
      /the MAC of key SD \w+ is wrong/,
      ({ keys }) => (keys[0]!.tamper = flipped(20)),
    ],
    [
      'whose padding was changed',
      /the MAC of key SD \w+ is wrong/,
      ({ keys }) => (keys[0]!.tamper = flipped(47)),
    ],
    [
      'whose end is missing',
      /the MAC of key SD \w+ is wrong/,
      ({ keys }) => (keys[0]!.tamper = (cipher) => cipher.subarray(0, 32)),
    ],
    [
      'that is empty',
      /key SD \w+ has no encrypted value/,
      ({ keys }) => (keys[0]!.tamper = () => Buffer.alloc(0)),
    ],
    [
      'with a key in the clear',
      /key HD \w+ came in the clear, though it was to be encrypted/,
      ({ keys }) => (keys[1]!.plain = true),
    ],
    [
      'all in the clear',
      /nothing in it is encrypted for the certificate/,
      (given) => (given.certificates = []),
    ],
    [
      'for somebody else',
      /nothing in it is encrypted for the certificate/,
      (given) => (given.certificates = [certificateOf(stranger)]),
    ],
    [
      'with less than an IV',
      /key SD \w+ cannot be decrypted/,
      ({ keys }) => (keys[0]!.cipher = Buffer.alloc(8, 1)),
    ],
    [
      'with half a block',
      /key SD \w+ cannot be decrypted/,
      ({ keys }) => (keys[0]!.cipher = Buffer.alloc(40, 1)),
    ],
    [
      'with another document key than it used',
      /key SD \w+ cannot be decrypted|has \d+ bytes instead of 16/,
      (given) => (given.toldKey = Buffer.alloc(32, 3)),
    ],
    [
      'with half a document key',
      /document key or MAC key has a wrong length/,
      (given) => (given.toldKey = given.toldKey.subarray(16)),
    ],
    [
      'with RSA in an old way',
      /its document key is not encrypted by RSA-OAEP-MGF1-SHA1/,
      ({ algorithms }) => (algorithms.rsa = 'http://www.w3.org/2001/04/xmlenc#rsa-1_5'),
    ],
    [
      'with another cipher',
      /key SD \w+ is not encrypted by AES-256-CBC/,
      ({ algorithms }) => (algorithms.aes = 'http://www.w3.org/2009/xmlenc11#aes256-gcm'),
    ],
    [
      'with a weaker MAC',
      /its MACs are not HMAC-SHA512/,
      ({ algorithms }) => (algorithms.mac = 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'),
    ],
    [
      'with a key too short',
      /key SD \w+ has 15 bytes instead of 16/,
      ({ keys }) => (keys[0]!.value = Buffer.alloc(15, 1)),
    ],
  ])('is refused: %s', async (_, says, change) => {
    server.change = change;
    await expectFailure('KEY_SERVICE_ANSWER', says, { variables: encrypting });
  });

  it.each<[string, RegExp, (text: string) => string]>([
    ['no MAC', /key SD \w+ has no MAC/, (text) => text.replace(/<pskc:ValueMAC>[^<]*<\/pskc:ValueMAC>/, '')],
    [
      'half a MAC',
      /the MAC of key SD \w+ is wrong/,
      (text) => text.replace(/(<pskc:ValueMAC>[^<]{44})[^<]*/, '$1'),
    ],
    [
      'no MAC key',
      /the document key or the MAC key is missing/,
      (text) => text.replace(/<cpix:MACMethod[\s\S]*?<\/cpix:MACMethod>/, ''),
    ],
    [
      'no document key',
      /the document key or the MAC key is missing/,
      (text) => text.replace(/<cpix:DocumentKey[\s\S]*?<\/cpix:DocumentKey>/, ''),
    ],
    [
      'a document key that is not ours',
      /its document key cannot be decrypted with our private key/,
      (text) => text.replace(/<enc:CipherValue>[^<]{40}/, `<enc:CipherValue>${'A'.repeat(40)}`),
    ],
    [
      'MACs swapped',
      /the MAC of key SD \w+ is wrong/,
      (text) => {
        const macs = text.match(/<pskc:ValueMAC>[^<]*/g)!;
        return text.replace(macs[0], macs[1]!);
      },
    ],
  ])('is refused: with %s', async (_, says, change) => {
    server.write = (given) => change(written(given));
    await expectFailure('KEY_SERVICE_ANSWER', says, { variables: encrypting });
  });
});
