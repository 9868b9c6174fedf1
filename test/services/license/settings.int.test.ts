import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.js';
import { deviceDigest } from '../../../src/services/license/claims.js';
import { DEFAULT_POLICY } from '../../../src/services/license/policy.js';
import { licenseSettings } from '../../../src/services/license/settings.js';
import { cli } from '../../cli/terminal.js';

const SECRET = 'a-secret-of-licence-tokens-0123456789';
let folder: string;
const path = (name: string): string => join(folder, name);
const write = (name: string, text: string, mode = 0o600): Promise<void> =>
  writeFile(path(name), text, { mode });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-license-'));
  await write('secrets', `b: ${SECRET}\na: ${SECRET}old\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the settings of licences', () => {
  it('are careful defaults where nothing is set', async () => {
    expect(await licenseSettings({})).toEqual({
      ...{ tokenKeys: undefined, policy: DEFAULT_POLICY, upstreams: {}, fairplayCertificate: undefined },
    });
  });

  it('are read from the files that are named', async () => {
    await write('policy', 'clearkey: []', 0o644);
    await write('certificate', 'DER', 0o644);
    await write(
      'upstreams',
      `fairplay: { url: "https://drm.example/", certificateFile: ${path('certificate')} }`,
      0o640,
    );
    const settings = await licenseSettings({
      HULLCAST_LICENSE_SECRET_FILE: path('secrets'),
      HULLCAST_LICENSE_POLICY_FILE: path('policy'),
      HULLCAST_LICENSE_UPSTREAMS_FILE: path('upstreams'),
    });
    expect([settings.tokenKeys?.signing?.kid, [...settings.tokenKeys!.verifying.keys()]]).toEqual([
      'b',
      ['b', 'a'],
    ]);
    expect(settings.policy.clearkey).toEqual([]);
    expect(settings.upstreams.fairplay?.url.href).toBe('https://drm.example/');
    expect(Buffer.from(settings.fairplayCertificate!).toString()).toBe('DER');
  });

  it('do not read secrets that others may read or change, folders, and what is not there', async () => {
    const env = { HULLCAST_LICENSE_SECRET_FILE: path('secrets') };
    for (const mode of [0o644, 0o604, 0o660, 0o602]) {
      await chmod(path('secrets'), mode);
      await expect(licenseSettings(env)).rejects.toMatchObject({
        ...{ code: 'LICENSE_CONFIG', message: expect.stringContaining('chmod 600') as string },
      });
    }
    await chmod(path('secrets'), 0o600);
    await write('open', 'widevine: { url: "https://drm.example/" }', 0o644);
    for (const bad of [
      { HULLCAST_LICENSE_UPSTREAMS_FILE: path('open') },
      { HULLCAST_LICENSE_SECRET_FILE: folder },
      { HULLCAST_LICENSE_SECRET_FILE: path('none') },
      { HULLCAST_LICENSE_PUBLIC_KEYS_FILE: path('none') },
      { HULLCAST_LICENSE_POLICY_FILE: folder },
    ])
      await expect(licenseSettings(bad)).rejects.toMatchObject({ code: 'LICENSE_CONFIG', exitCode: 2 });
  });
});

describe('hullcast license-token', () => {
  const run = (args: string[], env: NodeJS.ProcessEnv = { HULLCAST_LICENSE_SECRET_FILE: path('secrets') }) =>
    cli(['license-token', ...args], { commands: COMMANDS, env });

  it('prints a token, alone, for what it was told', async () => {
    const { code, stdout } = await run([
      ...[
        'film-1',
        '--device',
        'tv-1',
        '--seconds',
        '60',
        '--security',
        'hardware',
        '--hdcp',
        '2.2',
        '--session',
        's',
      ],
    ]);
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeProtectedHeader(stdout.text.trim())).toMatchObject({ alg: 'HS256', kid: 'b' });
    const { nbf, exp, ...claims } = decodeJwt(stdout.text.trim());
    expect(exp! - nbf!).toBe(60);
    expect(claims).toMatchObject({
      ...{ title: 'film-1', device: deviceDigest('tv-1'), security: 'hardware', hdcp: '2.2', session: 's' },
    });
    const json = await run(['film-1', '--device', 'tv-1', '--json']);
    expect(json.stdout.json()).toEqual([
      {
        ...{ type: 'license-token', title: 'film-1', token: expect.stringMatching(/^ey/) as string },
        expiresAt: expect.stringMatching(/Z$/) as string,
      },
    ]);
  });

  it.each([
    [['film-1', '--device', 'tv-1'], {}, 'LICENSE_CONFIG', 2],
    [['film-1', '--device', 'tv-1', '--seconds', '601'], undefined, 'LICENSE_CONFIG', 2],
    [['../x', '--device', 'tv-1'], undefined, 'LICENSE_TOKEN_INVALID', 1],
    [['film-1'], undefined, "required option '--device <id>' not specified", 2],
  ] as const)('refuses %j', async (args, env, what, exit) => {
    const { code, stdout, stderr } = await run([...args], env);
    expect([code, stdout.text]).toEqual([exit, '']);
    expect(stderr.text).toContain(what);
  });
});
