import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.js';
import { type ControlPlane, startControlPlane } from '../../../src/services/control/index.js';
import { openLicenses } from '../../../src/services/control/licenses.js';
import { startTracing } from '../../../src/services/tracing/index.js';
import { FileStore } from '../../../src/storage/index.js';
import { cli } from '../../cli/terminal.js';
import { TOOLS, silent } from '../../pipeline/support.js';
import { memoryKeys } from '../../support/keys.js';
import { startRedis } from '../../support/redis-server.js';
import { problemOf } from '../api/support.js';

const SECRET = 'a-secret-of-licence-tokens-0123456789';
const KID = '0123456789abcdef0123456789abcdef';
const PROTECTION = {
  ...{ contentId: 'content', scheme: 'cbcs', systems: ['clearkey', 'widevine'] },
  keys: [{ keyId: KID, label: 'SD' }],
};
const BODY = JSON.stringify({ kids: [Buffer.from(KID, 'hex').toString('base64url')], type: 'temporary' });

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-licenses-'));
  env = { HULLCAST_LICENSE_SECRET_FILE: join(folder, 'secrets') };
  await writeFile(join(folder, 'secrets'), `2026: ${SECRET}\n`, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A token as an operator makes one. */
async function token(title: string): Promise<string> {
  const { code, stdout, stderr } = await cli(['license-token', title, '--device', 'tv-1'], {
    commands: COMMANDS,
    env,
  });
  expect(code, stderr.text).toBe(0);
  return stdout.text.trim();
}

describe('licences of a control plane', () => {
  const keys = memoryKeys();
  let plane: ControlPlane;
  beforeAll(async () => {
    const home = join(folder, 'home');
    plane = await startControlPlane({
      settings: {
        ...{ home, queue: undefined, store: undefined, cacheBytes: undefined },
        env: { ...env, HULLCAST_LICENSE_CORS_ORIGINS: 'https://player.example' },
      },
      ...{ keys: () => keys, tools: TOOLS, database: undefined, profiles: {}, version: '0', log: silent },
      ...{ listen: { host: '127.0.0.1', port: 0 }, slots: 1 },
      tracing: await startTracing({ service: 'control', version: '0', env: {}, log: silent }),
      signal: new AbortController().signal,
    });
    const store = new FileStore(join(home, 'store'));
    await store.put('titles/film/report.json', JSON.stringify({ protection: PROTECTION }));
    await store.put('titles/open/report.json', JSON.stringify({ title: { name: 'open' } }));
  });
  afterAll(() => plane.stop(0));

  const ask = async (title: string, system = 'clearkey') =>
    fetch(`${plane.url}/license/${system}`, {
      ...{ method: 'POST', body: BODY },
      headers: {
        ...{ authorization: `Bearer ${await token(title)}`, 'x-license-device': 'tv-1' },
        origin: 'https://player.example',
      },
    });

  it('are of the titles in its store, and counted', async () => {
    const licence = await ask('film');
    expect(licence.status).toBe(200);
    expect(licence.headers.get('access-control-allow-origin')).toBe('https://player.example');
    expect(await licence.json()).toMatchObject({
      keys: [{ k: Buffer.from(keys.keyOf(KID), 'hex').toString('base64url') }],
    });
    expect(await problemOf(await ask('open'))).toMatchObject({ status: 404, code: 'LICENSE_NO_TITLE' });
    expect(await problemOf(await ask('gone'))).toMatchObject({ status: 404, code: 'LICENSE_NO_TITLE' });
    expect(await problemOf(await ask('film', 'widevine'))).toMatchObject({
      status: 404,
      code: 'LICENSE_SYSTEM',
    });
    const api = await fetch(`${plane.url}/v1/titles`, {
      headers: { authorization: `Bearer ${await token('film')}` },
    });
    expect(await problemOf(api)).toMatchObject({ status: 401, code: 'TOKEN_INVALID' });
    const metrics = await (await fetch(`${plane.url}/metrics`)).text();
    expect(metrics).toContain('hullcast_licenses_total{system="clearkey",outcome="granted"} 1');
    expect(metrics).toContain('hullcast_licenses_total{system="clearkey",outcome="refused"} 2');
    expect(metrics).toContain('hullcast_licenses_total{system="widevine",outcome="refused"} 1');
  });

  it('are under no path of the API', async () => {
    const document = (await (await fetch(`${plane.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/v1/'))).toEqual([]);
  });
});

describe('openLicenses', () => {
  const options = {
    ...{ keys: undefined, corsOrigins: [], log: silent, onAnswer: undefined, queue: undefined },
  };

  it('gives none where nobody can have a token, and refuses what it cannot use', async () => {
    const store = new FileStore(join(folder, 'store'));
    expect(await openLicenses({ ...options, store, env: {} })).toBeUndefined();
    await expect(
      openLicenses({ ...options, store, env: { ...env, HULLCAST_LICENSE_POLICY_FILE: join(folder, 'no') } }),
    ).rejects.toMatchObject({ code: 'LICENSE_CONFIG' });
  });

  it('shares what tokens were used for with other control planes', async () => {
    const redis = await startRedis();
    const store = new FileStore(join(folder, 'store'));
    await store.put('titles/film/report.json', JSON.stringify({ protection: PROTECTION }));
    await writeFile(join(folder, 'policy.yaml'), 'retrySeconds: 0\n');
    const { default: fastify } = await import('fastify');
    const { sendProblem } = await import('../../../src/services/api/index.js');
    const closers: (() => unknown)[] = [() => redis.stop()];
    try {
      const servers = await Promise.all(
        [1, 2].map(async () => {
          const licenses = await openLicenses({
            ...{ ...options, store, queue: redis.url, keys: memoryKeys() },
            env: { ...env, HULLCAST_LICENSE_POLICY_FILE: join(folder, 'policy.yaml') },
          });
          const app = fastify();
          app.setErrorHandler(sendProblem);
          await app.register(licenses!.plugin, { prefix: '/license' });
          closers.unshift(() => app.close(), licenses!.close);
          return app;
        }),
      );
      const used = await token('film');
      const ask = async (i: number) => {
        const { statusCode, body } = await servers[i]!.inject({
          ...{ method: 'POST', url: '/license/clearkey', payload: BODY },
          headers: {
            authorization: `Bearer ${used}`,
            'x-license-device': 'tv-1',
            'content-type': 'text/plain',
          },
        });
        return statusCode === 200 ? 200 : (JSON.parse(body) as { code: string }).code;
      };
      expect([await ask(0), await ask(1), await ask(0)]).toEqual([
        ...[200, 'LICENSE_TOKEN_REPLAYED', 'LICENSE_TOKEN_REPLAYED'],
      ]);
    } finally {
      for (const close of closers) await close();
    }
  });
});
