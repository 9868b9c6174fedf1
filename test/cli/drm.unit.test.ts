import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Config, addConfigOptions, mergeOptions } from '../../src/cli/config.js';
import { parseConfigFile } from '../../src/cli/config/file.js';
import { configFlags } from '../../src/cli/config/flags.js';
import { planText } from '../../src/cli/plan.js';
import { readProfiles } from '../../src/cli/service/profiles.js';
import { titleOptions } from '../../src/cli/title-setup.js';
import type { TitlePlan } from '../../src/title/index.js';

function configured(...argv: string[]): Config {
  const command = addConfigOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return mergeOptions({}, configFlags(command.parse(argv, { from: 'user' }).opts()));
}

describe('--drm', () => {
  it('encrypts a title, with cbcs, keys by tier and no clear lead unless told otherwise', () => {
    expect(titleOptions(configured('--drm', 'widevine,fairplay')).drm).toEqual({
      ...{ systems: ['widevine', 'fairplay'], scheme: 'cbcs', keys: 'tiers', clearLeadSeconds: 0 },
    });
    const all = configured(
      ...['--drm', 'playready', '--scheme', 'cenc', '--drm-keys', 'single', '--clear-lead', '4.5'],
      ...['--key-period', '600'],
      ...['--content-id', 'film-7', '--playready-url', 'https://x/pr', '--widevine-url', 'https://x/wv'],
    );
    // Only of systems that it is for.
    expect(titleOptions(all).drm).toEqual({
      ...{
        systems: ['playready'],
        scheme: 'cenc',
        keys: 'single',
        clearLeadSeconds: 4.5,
        keyPeriodSeconds: 600,
        contentId: 'film-7',
      },
      licenseUrls: { playready: 'https://x/pr' },
    });
  });

  it('is what makes the difference: nothing else encrypts', () => {
    expect(titleOptions(configured())).not.toHaveProperty('drm');
    expect(titleOptions(configured('--scheme', 'cenc', '--clear-lead', '3'))).not.toHaveProperty('drm');
  });

  it('is refused where nobody could play it', () => {
    const refusal = (...argv: string[]): string => {
      try {
        configured(...argv);
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
        return (error as Error).message;
      }
      return 'was not refused';
    };
    expect(refusal('--drm', 'widevine,fairplay', '--scheme', 'cenc')).toBe(
      'drm: fairplay with the scheme cenc, which no Apple device plays',
    );
    expect(refusal('--drm', 'widevine', '--key-period', '10', '--clear-lead', '5.5')).toBe(
      'drm: a clear lead of 5.5 s in key periods of 10 s; half of one is the most',
    );
  });

  it.each([
    ['--drm', 'marlin'],
    ['--drm', 'widevine,widevine'],
    ['--scheme', 'cens'],
    ['--drm-keys', 'three'],
    ['--clear-lead', '-1'],
    ['--key-period', '9'],
    ['--key-period', '10m'],
    ['--key-period', '100000'],
    ['--content-id', 'a b'],
    ['--clearkey-url', 'ftp://x'],
    ['--clearkey-url', 'https://user:password@x/'],
    ['--clearkey-url', 'https://x/"><a>'],
  ])('refuses %s %s', (flag, value) => {
    expect(() => configured(flag, value)).toThrow(/Allowed is /);
  });

  it('may stand in a configuration', () => {
    const file = parseConfigFile(
      'drm:\n  systems: [clearkey]\n  clearkeyUrl: http://127.0.0.1:8081/license\n',
      'x',
    );
    expect(titleOptions(mergeOptions(file, {})).drm).toMatchObject({
      ...{ systems: ['clearkey'], licenseUrls: { clearkey: 'http://127.0.0.1:8081/license' } },
    });
  });
});

describe('a profile of a server', () => {
  it('may encrypt, but not give all titles one content id', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hullcast-profiles-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'premium.yaml'), 'drm:\n  systems: [widevine]\n');
    expect((await readProfiles(configured(), folder))['premium']).toMatchObject({
      drm: { systems: ['widevine'] },
    });
    await writeFile(join(folder, 'premium.yaml'), 'drm:\n  systems: [widevine]\n  contentId: one\n');
    const refused = { code: 'PROFILES_INVALID', message: expect.stringContaining('premium') as string };
    await expect(readProfiles(configured(), folder)).rejects.toMatchObject(refused);
    const own = readProfiles(configured('--drm', 'widevine', '--content-id', 'one'), undefined);
    await expect(own).rejects.toMatchObject({ code: 'PROFILES_INVALID' });
  });
});

describe('a plan', () => {
  const plan = {
    ...{ name: 'a', durationSeconds: 1, frames: 24, fps: '24/1', width: 2, height: 2 },
    ...{ findings: [], texts: [], shots: [], ladders: [] },
  };
  const drm: NonNullable<TitlePlan['drm']> = {
    ...{ systems: ['widevine', 'fairplay'], scheme: 'cbcs', keys: 'tiers', clearLeadSeconds: 0 },
    expectedKeys: ['SD', 'HD', 'AUDIO'],
  };

  it('says how the title would be encrypted', () => {
    const last = (text: string): string => text.split('\n').at(-1)!;
    expect(planText(plan)).not.toContain('Encrypted');
    expect(last(planText({ ...plan, drm }))).toBe(
      'Encrypted: cbcs, for widevine, fairplay, keys for SD, HD, AUDIO',
    );
    const single: typeof drm = {
      ...{ systems: ['playready'], scheme: 'cenc', keys: 'single', clearLeadSeconds: 6 },
      expectedKeys: ['ALL'],
    };
    expect(last(planText({ ...plan, drm: single }))).toBe(
      'Encrypted: cenc, for playready, one key; the first 6 s in the clear',
    );
    expect(last(planText({ ...plan, drm: { ...single, keyPeriodSeconds: 600 } }))).toBe(
      'Encrypted: cenc, for playready, one key, others every 600 s; the first 6 s in the clear',
    );
  });
});
