import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrmSystem } from '../../../src/keys/index.js';
import { type Decision, type LicenseFacts, decide } from '../../../src/services/license/decide.js';
import { HDCP_VERSIONS, SECURITY_LEVELS } from '../../../src/services/license/levels.js';
import {
  DEFAULT_POLICY,
  KEY_LABELS,
  LOCAL_POLICY,
  type LicensePolicy,
  parsePolicy,
  policySchema,
} from '../../../src/services/license/policy.js';

const NOW = 1_800_000_000;
const KEYS = KEY_LABELS.map((label, i) => ({ label, kid: String(i).repeat(32) }));
const facts = (more: Partial<LicenseFacts> = {}): LicenseFacts => ({
  ...{ system: 'widevine', keys: KEYS, device: {}, nowSeconds: NOW },
  ...more,
});
/** What was refused, by label; allowed ones are true. */
const outcome = ({ keys }: Decision): Record<string, unknown> =>
  Object.fromEntries(keys.map(({ label, refused }) => [label, refused ?? true]));

describe('decide', () => {
  it('gives a device of which nothing is known what needs nothing', () => {
    expect(outcome(decide(DEFAULT_POLICY, facts()))).toEqual({
      ...{ SD: true, HD: 'hdcp', UHD: 'security', AUDIO: true, ALL: 'hdcp' },
    });
  });

  it.each([
    ['software', '1.4', { SD: true, HD: true, UHD: 'security', AUDIO: true, ALL: true }],
    ['software', '2.3', { SD: true, HD: true, UHD: 'security', AUDIO: true, ALL: true }],
    ['hardware', '1.3', { SD: true, HD: 'hdcp', UHD: 'hdcp', AUDIO: true, ALL: 'hdcp' }],
    ['hardware', '2.1', { SD: true, HD: true, UHD: 'hdcp', AUDIO: true, ALL: true }],
    ['hardware', '2.2', { SD: true, HD: true, UHD: true, AUDIO: true, ALL: true }],
  ] as const)('asks for security and HDCP: %s, %s', (security, hdcp, expected) => {
    for (const system of ['widevine', 'playready', 'fairplay'] as const)
      expect(outcome(decide(DEFAULT_POLICY, facts({ system, device: { security, hdcp } })))).toEqual(
        expected,
      );
  });

  it('takes ClearKey for software, whatever the token says of the device', () => {
    const device = { security: 'hardware', hdcp: '2.3' } as const;
    expect(outcome(decide(DEFAULT_POLICY, facts({ system: 'clearkey', device })))).toEqual({
      ...{ SD: true, HD: 'clearkey', UHD: 'clearkey', AUDIO: true, ALL: 'clearkey' },
    });
    expect(outcome(decide(LOCAL_POLICY, facts({ system: 'clearkey' })))).toEqual({
      ...{ SD: true, HD: true, UHD: true, AUDIO: true, ALL: true },
    });
  });

  it('says what players must hold to', () => {
    const { keys, ...rest } = decide(DEFAULT_POLICY, facts());
    expect(keys[2]).toEqual({
      ...{ label: 'UHD', kid: '2'.repeat(32), refused: 'security', security: 'hardware', hdcp: '2.2' },
    });
    expect(rest).toEqual({ persistent: false, seconds: 12 * 3600, renewSeconds: undefined });
  });

  it('ends licences when the time of the title ends', () => {
    const policy = parsePolicy('license: { seconds: 7200, renewSeconds: 600, persistent: true }', 'p');
    const at = (until: number | undefined) => {
      const { keys, ...rest } = decide(policy, facts({ until, nowSeconds: NOW + 0.5 }));
      return { ...rest, refused: keys[0]!.refused };
    };
    const whole = { persistent: true, seconds: 7200, renewSeconds: 600, refused: undefined };
    expect(at(undefined)).toEqual(whole);
    expect(at(NOW + 7201)).toEqual(whole);
    expect(at(NOW + 1000)).toEqual({ ...whole, seconds: 999 });
    // One that ends before it would be renewed is not renewed.
    expect(at(NOW + 600)).toEqual({ ...whole, seconds: 599, renewSeconds: undefined });
    for (const over of [NOW + 1, NOW, NOW - 1e6])
      expect(at(over)).toEqual({ ...whole, seconds: 0, renewSeconds: undefined, refused: 'over' });
  });
});

const security = fc.constantFrom(...SECURITY_LEVELS);
const hdcp = fc.constantFrom(...HDCP_VERSIONS);
const requirement = fc.record({ security, hdcp });
const policies: fc.Arbitrary<LicensePolicy> = fc
  .record({
    labels: fc.record({
      ...{ SD: requirement, HD: requirement, UHD: requirement, AUDIO: requirement, ALL: requirement },
    }),
    clearkey: fc.subarray([...KEY_LABELS]),
    license: fc.record({
      seconds: fc.integer({ min: 60, max: 1e6 }),
      renewSeconds: fc.option(fc.integer({ min: 10, max: 1e6 }), { nil: undefined }),
    }),
  })
  .map((policy) => policySchema.parse(policy));
const asked: fc.Arbitrary<LicenseFacts> = fc.record({
  system: fc.constantFrom<DrmSystem>('widevine', 'playready', 'fairplay', 'clearkey'),
  keys: fc.subarray(KEYS),
  device: fc.record({ security, hdcp }, { requiredKeys: [] }),
  nowSeconds: fc.integer({ min: NOW, max: NOW + 1000 }),
  until: fc.option(fc.integer({ min: NOW - 1000, max: NOW + 2000 }), { nil: undefined }),
});
const allowed = (decision: Decision): Set<string> =>
  new Set(decision.keys.filter(({ refused }) => refused === undefined).map(({ kid }) => kid));
const includes = (all: Set<string>, some: Set<string>): boolean => [...some].every((kid) => all.has(kid));
/** The later of two values of a list. */
const better = <T>(list: readonly T[], a: T | undefined, b: T | undefined): T =>
  list[Math.max(list.indexOf(a ?? list[0]!), list.indexOf(b ?? list[0]!))]!;

describe('decisions', () => {
  it('answer exactly what was asked, and the same each time', () => {
    fc.assert(
      fc.property(policies, asked, (policy, ask) => {
        const decision = decide(policy, ask);
        expect(decision.keys.map(({ kid, label }) => ({ kid, label }))).toEqual(
          ask.keys.map(({ kid, label }) => ({ kid, label })),
        );
        expect(decide(policy, ask)).toEqual(decision);
        expect(decision.seconds).toBeLessThanOrEqual(policy.license.seconds);
        expect(ask.nowSeconds + decision.seconds).toBeLessThanOrEqual(
          Math.max(ask.until ?? Infinity, ask.nowSeconds),
        );
      }),
    );
  });

  it('give a better device never less', () => {
    fc.assert(
      fc.property(policies, asked, fc.record({ security, hdcp }), (policy, ask, other) => {
        const device = {
          security: better(SECURITY_LEVELS, ask.device.security, other.security),
          hdcp: better(HDCP_VERSIONS, ask.device.hdcp, other.hdcp),
        };
        expect(includes(allowed(decide(policy, { ...ask, device })), allowed(decide(policy, ask)))).toBe(
          true,
        );
      }),
    );
  });

  it('refuse by a stricter policy all that a milder one refuses', () => {
    fc.assert(
      fc.property(policies, policies, asked, (a, b, ask) => {
        const strict: LicensePolicy = {
          ...a,
          labels: Object.fromEntries(
            KEY_LABELS.map((label) => [
              label,
              {
                security: better(SECURITY_LEVELS, a.labels[label].security, b.labels[label].security),
                hdcp: better(HDCP_VERSIONS, a.labels[label].hdcp, b.labels[label].hdcp),
              },
            ]),
          ) as LicensePolicy['labels'],
          clearkey: a.clearkey.filter((label) => b.clearkey.includes(label)),
        };
        const given = allowed(decide(strict, ask));
        expect(includes(allowed(decide(a, ask)), given)).toBe(true);
        expect(includes(allowed(decide({ ...b, license: a.license }, ask)), given)).toBe(true);
      }),
    );
  });

  it('refuse for good once the time is over, and decide on each key by itself', () => {
    fc.assert(
      fc.property(policies, asked, fc.nat(5000), (policy, ask, later) => {
        const now = allowed(decide(policy, ask));
        expect(includes(now, allowed(decide(policy, { ...ask, nowSeconds: ask.nowSeconds + later })))).toBe(
          true,
        );
        const alone = ask.keys.filter((key) => allowed(decide(policy, { ...ask, keys: [key] })).size > 0);
        expect(new Set(alone.map(({ kid }) => kid))).toEqual(now);
      }),
    );
  });
});

describe('policies', () => {
  it('are careful where they say nothing', () => {
    expect(parsePolicy('', 'p')).toEqual(DEFAULT_POLICY);
    expect(DEFAULT_POLICY).toEqual({
      labels: {
        SD: { security: 'software', hdcp: 'none' },
        HD: { security: 'software', hdcp: '1.4' },
        UHD: { security: 'hardware', hdcp: '2.2' },
        AUDIO: { security: 'software', hdcp: 'none' },
        ALL: { security: 'software', hdcp: '1.4' },
      },
      clearkey: ['SD', 'AUDIO'],
      license: { seconds: 43_200, persistent: false },
      token: { issuers: ['hullcast'], audience: 'hullcast-license', maxSeconds: 600, skewSeconds: 5 },
      retrySeconds: 15,
    });
    expect(LOCAL_POLICY).toEqual({ ...DEFAULT_POLICY, clearkey: ['SD', 'HD', 'UHD', 'AUDIO', 'ALL'] });
  });

  it('take versions of HDCP as numbers, too, and keep what is not said', () => {
    const { labels } = parsePolicy(
      'labels: { HD: { hdcp: 2.2 }, UHD: { hdcp: 2 }, SD: { hdcp: "1.0" } }',
      'p',
    );
    expect(labels.HD).toEqual({ security: 'software', hdcp: '2.2' });
    expect(labels.UHD).toEqual({ security: 'hardware', hdcp: '2.0' });
    expect(labels.SD.hdcp).toBe('1.0');
  });

  it.each([
    ['labels: { HD: { hdcp: 1.5 } }', 'p.yaml: labels.HD.hdcp: '],
    ['labels: { 8K: {} }', 'p.yaml: labels: '],
    ['clearkey: [SD, ODD]', 'p.yaml: clearkey.1: '],
    ['licence: {}', 'p.yaml: the whole: '],
    ['token: { issuers: [] }', 'p.yaml: token.issuers: '],
    ['token: { maxSeconds: 86401 }', 'p.yaml: token.maxSeconds: '],
    ['license: { seconds: 59 }', 'p.yaml: license.seconds: '],
    ['- a', 'p.yaml: the whole: '],
    ['a: [', 'p.yaml is no YAML: '],
  ])('are refused: %s', (text, why) => {
    expect(() => parsePolicy(text, 'p.yaml')).toThrow(expect.objectContaining({ code: 'LICENSE_CONFIG' }));
    expect(() => parsePolicy(text, 'p.yaml')).toThrow(why);
  });
});
