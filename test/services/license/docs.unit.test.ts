import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { claimsSchema } from '../../../src/services/license/claims.js';
import { DEFAULT_POLICY, parsePolicy } from '../../../src/services/license/policy.js';
import { HEADER_NAMES, parseUpstreams } from '../../../src/services/license/upstreams.js';

let docs: string;
beforeAll(async () => {
  docs = await readFile(resolve('docs/licenses.md'), 'utf8');
});
const yaml = (first: string): string =>
  [...docs.matchAll(/^```yaml\n(# (\w+).*?)^```/gms)].find(([, , name]) => name === first)![1]!;

describe('docs/licenses.md', () => {
  it('shows the policy that is meant unless another is given', () => {
    expect(parsePolicy(yaml('policy'), 'docs')).toEqual(DEFAULT_POLICY);
  });

  it('shows upstream servers that are accepted', () => {
    expect(Object.keys(parseUpstreams(yaml('upstreams'), 'docs'))).toEqual([
      'widevine',
      'playready',
      'fairplay',
    ]);
    for (const name of HEADER_NAMES) expect(docs).toContain(`\`{${name}}\``);
  });

  it('names every claim of a token, and every variable', () => {
    for (const claim of Object.keys(claimsSchema.shape))
      expect(docs).toMatch(new RegExp(`^\\|.*\`${claim}\``, 'm'));
    for (const name of ['SECRET_FILE', 'PUBLIC_KEYS_FILE', 'POLICY_FILE', 'UPSTREAMS_FILE', 'CORS_ORIGINS'])
      expect(docs).toContain(`\`HULLCAST_LICENSE_${name}\``);
  });
});
