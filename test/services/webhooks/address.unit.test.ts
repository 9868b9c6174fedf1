import { describe, expect, it } from 'vitest';
import {
  inNetworks,
  parseAddress,
  parseNetwork,
  specialRange,
} from '../../../src/services/webhooks/address.js';

/** First and last of every special range (RFC 6890 and its registries), and what disguises one. */
const SPECIAL = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.1', '127.255.255.255'],
  ['169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '239.255.255.255'],
  ['240.0.0.0', '255.255.255.254', '255.255.255.255'],
  ['168.63.129.16'],
  ['::', '::1'],
  ['::127.0.0.1', '::7f00:1', '::808:808'],
  ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254'],
  ['::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
  ['64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b::ffff:ffff'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['100::', '100::ffff:ffff:ffff:ffff'],
  ['100:0:0:1::1'],
  ['2001::1', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:2::1', '2001:10::1', '2001:20::1', '2001:db8::1', '2001:db8:ffff::1'],
  ['2002:7f00:1::', '2002:808:808::1'],
  ['3fff::1', '5f00::1', '4000::1', '1fff::1', '8000::1', 'e000::1'],
  ['fc00::1', 'fd00:ec2::254', 'fdff::1'],
  ['fe80::1', 'febf::1', 'fec0::1', 'feff::1'],
  ['ff00::1', 'ff02::1', 'ffff::1'],
].flat();

const PUBLIC = [
  ['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0'],
  ['100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0'],
  ['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
  ['168.63.129.15', '168.63.129.17'],
  ['::ffff:8.8.8.8'],
  ['2001:4860:4860::8888', '2606:4700:4700::1111', '2a00:1450:4001::1', '2400:cb00::1'],
].flat();

const range = (text: string): string | undefined => specialRange(parseAddress(text)!);

describe('addresses', () => {
  it.each(SPECIAL)('%s is in no part of the Internet', (text) => {
    expect(range(text)).toBeTypeOf('string');
  });

  it.each(PUBLIC)('%s is in the Internet', (text) => {
    expect(range(text)).toBeUndefined();
  });

  it.each([
    '',
    'localhost',
    '127.1',
    '0x7f000001',
    '2130706433',
    '017.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '::g',
  ])('takes %j for no address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('names a range for people', () => {
    expect(range('127.0.0.1')).toBe('loopback');
    expect(range('::ffff:10.1.2.3')).toBe('private');
    expect(range('fe80::1')).toBe('linkLocal');
    expect(range('100.64.0.1')).toBe('carrierGradeNat');
  });
});

describe('networks', () => {
  const within = (address: string, network: string): boolean =>
    inNetworks(parseAddress(address)!, [parseNetwork(network)!]);

  it('hold their first and last address and none beside', () => {
    expect(within('10.0.0.0', '10.0.0.0/8')).toBe(true);
    expect(within('10.255.255.255', '10.0.0.0/8')).toBe(true);
    expect(within('9.255.255.255', '10.0.0.0/8')).toBe(false);
    expect(within('11.0.0.0', '10.0.0.0/8')).toBe(false);
    expect(within('fd00::1', 'fd00::/8')).toBe(true);
    expect(within('fc00::1', 'fd00::/8')).toBe(false);
  });

  it('are one address without a length, and everything with /0', () => {
    expect(within('10.0.0.1', '10.0.0.1')).toBe(true);
    expect(within('10.0.0.2', '10.0.0.1')).toBe(false);
    expect(within('203.0.113.9', '0.0.0.0/0')).toBe(true);
  });

  it('of one family hold none of the other, but IPv4 in IPv6 is IPv4', () => {
    expect(within('::1', '0.0.0.0/0')).toBe(false);
    expect(within('10.0.0.1', '::/0')).toBe(false);
    expect(within('::ffff:10.0.0.1', '10.0.0.0/8')).toBe(true);
  });

  it.each([
    '',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10/8',
    '::/129',
    'a/8',
    '10.0.0.0/ 8',
  ])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
