import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { trustedProxies } from '../../../src/services/control/trusted-proxies.js';

describe('HULLCAST_TRUSTED_PROXIES', () => {
  it('is a list that Fastify takes', () => {
    const given = trustedProxies(' 10.0.0.0/8, loopback,uniquelocal ,192.0.2.1,2001:db8::/32,,::1');
    expect(given).toHaveLength(6);
    expect(() => fastify({ trustProxy: given })).not.toThrow();
    expect([undefined, '', ' , '].map(trustedProxies)).toEqual([[], [], []]);
  });

  it.each(['foo', '0.0.0.0/0', '10.0.0.0/33', '10.0.0', '*', 'Loopback', '::1/129', '10.0.0.1-10.0.0.9'])(
    'refuses %s by name',
    (text) => {
      expect(() => trustedProxies(`10.0.0.1,${text}`)).toThrow(
        expect.objectContaining({ code: 'TRUSTED_PROXIES', exitCode: 2 }) as Error,
      );
    },
  );
});
