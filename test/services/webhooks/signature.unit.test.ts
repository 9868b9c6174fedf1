import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  signatureHeader,
  verifySignature,
  webhookSecrets,
} from '../../../src/services/webhooks/signature.js';

const OLD = 'the-old-secret-of-many';
const NEW = 'the-new-secret-of-many';
const BODY = '{"id":7,"name":"été"}';
const NOW = 1_800_000_000;

describe('signatures', () => {
  it('are the HMAC-SHA256 of time and body', () => {
    const hex = createHmac('sha256', NEW).update(`${NOW}.${BODY}`, 'utf8').digest('hex');
    expect(signatureHeader(BODY, [NEW], NOW)).toBe(`t=${NOW},v1=${hex}`);
  });

  it('are verified with either of two secrets, and with no third', () => {
    const header = signatureHeader(BODY, [NEW, OLD], NOW);
    expect(verifySignature(header, BODY, NEW, NOW)).toBe(true);
    expect(verifySignature(header, BODY, OLD, NOW)).toBe(true);
    expect(verifySignature(header, BODY, 'another secret!!', NOW)).toBe(false);
  });

  it('fail for another body and another time', () => {
    const header = signatureHeader(BODY, [NEW], NOW);
    expect(verifySignature(header, `${BODY} `, NEW, NOW)).toBe(false);
    expect(verifySignature(header.replace(`t=${NOW}`, `t=${NOW + 1}`), BODY, NEW, NOW)).toBe(false);
  });

  it('are old after five minutes, and not yet valid five minutes before', () => {
    const header = signatureHeader(BODY, [NEW], NOW);
    expect(verifySignature(header, BODY, NEW, NOW + 300)).toBe(true);
    expect(verifySignature(header, BODY, NEW, NOW + 301)).toBe(false);
    expect(verifySignature(header, BODY, NEW, NOW - 301)).toBe(false);
    expect(verifySignature(header, BODY, NEW, NOW + 900, 1000)).toBe(true);
  });

  it.each(['', 't=1', 'v1=ab', `t=${NOW}`, `t=${NOW},v1=`, `t=${NOW},v1=zz`, `t=x,v1=${'0'.repeat(64)}`])(
    'are not found in %j',
    (header) => {
      expect(verifySignature(header, BODY, NEW, NOW)).toBe(false);
    },
  );
});

describe('HULLCAST_WEBHOOK_SECRET', () => {
  const read = (text?: string): string[] =>
    webhookSecrets(text === undefined ? {} : { HULLCAST_WEBHOOK_SECRET: text });

  it('holds none, one or two', () => {
    expect(read()).toEqual([]);
    expect(read('')).toEqual([]);
    expect(read(NEW)).toEqual([NEW]);
    expect(read(`aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb`)).toEqual(['a'.repeat(16), 'b'.repeat(16)]);
  });

  it.each(['short', 'aaaaaaaaaaaaaaaa,short', `${'a'.repeat(16)},${'b'.repeat(16)},${'c'.repeat(16)}`])(
    'is refused: %s',
    (text) => {
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'WEBHOOK_SECRET', exitCode: 2 }));
    },
  );
});
