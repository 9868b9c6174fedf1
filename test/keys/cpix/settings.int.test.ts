import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeySet, openKeyService } from '../../../src/keys/index.js';
import { FileStore } from '../../../src/storage/index.js';
import { type TestCertificate, selfSigned } from '../../support/certificate.js';
import { LABELS, requestOf } from '../key-service.contract.js';
import { startCpixServer } from './cpix-server.js';

let root: string;
let files = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-cpix-settings-'));
});
afterAll(() => rm(root, { recursive: true }));

async function file(content: string, mode = 0o600): Promise<string> {
  const path = join(root, `file-${(files += 1)}`);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}
const open = (env: NodeJS.ProcessEnv) =>
  openKeyService(env, {
    store: new FileStore(join(root, 'store')),
    home: root,
    timing: { attemptMs: 60_000, patienceMs: 0 },
  });
const obtain = (env: NodeJS.ProcessEnv): Promise<KeySet> => open(env).obtain(requestOf('film', LABELS));
const config = { code: 'KEY_SERVICE_CONFIG', exitCode: 2 };

describe('HULLCAST_KEYS', () => {
  it('means the built in service unless it says otherwise', () => {
    for (const spec of [undefined, '', 'built-in'])
      expect(open({ HULLCAST_KEYS: spec }).name).toBe('built in');
    expect(open({ HULLCAST_KEYS: 'cpix:https://keys.example.com/speke?token=secret' }).name).toBe(
      'cpix https://keys.example.com',
    );
  });

  it.each([
    'builtin',
    'https://keys.example.com/',
    'cpix:',
    'cpix:keys.example.com',
    'cpix:ftp://keys.example.com/',
    'cpix:https://tenant:secret@keys.example.com/',
    'cpix:http://keys.example.com/secret',
    'cpix:http://10.0.0.1/secret',
    'cpix:http://localhost.example.com/secret',
    'cpix:http://127.0.0.1.example.com/secret',
  ])('is refused as %s, at once', (spec) => {
    let error: unknown;
    try {
      open({ HULLCAST_KEYS: spec });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject(config);
    expect(inspect(error)).not.toContain('secret');
  });

  it('may name a host without TLS on the loopback, or where that host is allowed', () => {
    for (const host of ['localhost', '127.0.0.1:8080', '127.9.9.9', '[::1]:80'])
      expect(open({ HULLCAST_KEYS: `cpix:http://${host}/` }).name).toContain('cpix http://');
    const spec = 'cpix:http://keys.internal:8080/x';
    expect(open({ HULLCAST_KEYS: spec, HULLCAST_CPIX_ALLOW_HTTP: 'keys.internal' }).name).toBe(
      'cpix http://keys.internal:8080',
    );
    for (const allowed of ['internal', 'keys.internal.example.com', 'true', ''])
      expect(() => open({ HULLCAST_KEYS: spec, HULLCAST_CPIX_ALLOW_HTTP: allowed })).toThrow(/without TLS/);
  });
});

describe('the files of a key service', () => {
  const spec = { HULLCAST_KEYS: 'cpix:http://127.0.0.1:9/' };
  const rsa = selfSigned('a');
  const other = selfSigned('b');

  it('belong together in pairs', () => {
    for (const name of ['CERTIFICATE', 'PRIVATE_KEY', 'TLS_CERTIFICATE', 'TLS_PRIVATE_KEY'])
      expect(() => open({ ...spec, [`HULLCAST_CPIX_${name}_FILE`]: '/x' })).toThrow(
        /HULLCAST_CPIX_(TLS_)?CERTIFICATE_FILE and HULLCAST_CPIX_(TLS_)?PRIVATE_KEY_FILE belong together/,
      );
  });

  it.each([
    ['no headers', 'Basic abc', /line 1 of .* is no header/],
    ['a header of ours', '# x\n\nX-Speke-Version: 1.0', /line 3 of .* is no header/],
    ['a header without value', 'Authorization:', /line 1/],
    ['characters that no header has', 'Authorization: a\u0000b', /line 1/],
  ])('with headers are refused with %s, and not repeated', async (_, content, says) => {
    const asked = obtain({ ...spec, HULLCAST_CPIX_HEADERS_FILE: await file(content) });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ ...config, message: expect.stringMatching(says) });
    expect(inspect(error)).not.toContain('abc');
  });

  it('with secrets are for their owner only', async () => {
    const exposed = { code: 'KEY_FILE_EXPOSED' };
    const headers = await file('Authorization: x', 0o644);
    await expect(obtain({ ...spec, HULLCAST_CPIX_HEADERS_FILE: headers })).rejects.toMatchObject(exposed);
    for (const prefix of ['', 'TLS_']) {
      const pair = {
        [`HULLCAST_CPIX_${prefix}CERTIFICATE_FILE`]: await file(rsa.certificate, 0o644),
        [`HULLCAST_CPIX_${prefix}PRIVATE_KEY_FILE`]: await file(rsa.privateKey, 0o644),
      };
      await expect(obtain({ ...spec, ...pair })).rejects.toMatchObject(exposed);
    }
    const missing = { ...spec, HULLCAST_CPIX_HEADERS_FILE: join(root, 'missing') };
    await expect(obtain(missing)).rejects.toMatchObject({ code: 'KEY_FILE_UNREADABLE' });
  });

  it.each<[string, () => TestCertificate, RegExp]>([
    ['no certificate', () => ({ ...rsa, certificate: 'x' }), /is no X\.509 certificate/],
    ['no private key', () => ({ ...rsa, privateKey: rsa.certificate }), /is no private key/],
    [
      'the key of another',
      () => ({ ...rsa, privateKey: other.privateKey }),
      /is not the key of the certificate/,
    ],
    ['too few bits', () => selfSigned('weak', { bits: 1024 }), /RSA key of 2048 bits or more/],
    ['an elliptic curve', () => selfSigned('ec', { bits: 'ec' }), /RSA key of 2048 bits or more/],
  ])('for encrypted keys are refused with %s', async (_, make, says) => {
    const { certificate, privateKey } = make();
    const env = {
      ...spec,
      HULLCAST_CPIX_CERTIFICATE_FILE: await file(certificate),
      HULLCAST_CPIX_PRIVATE_KEY_FILE: await file(privateKey),
    };
    await expect(obtain(env)).rejects.toMatchObject({ ...config, message: expect.stringMatching(says) });
  });
});

describe('a key service behind TLS', () => {
  it('is trusted by its certificate only', async () => {
    const tls = selfSigned('provider', { bits: 'ec' });
    const server = await startCpixServer({ tls });
    const spec = { HULLCAST_KEYS: `cpix:${server.url}` };
    const untrusted = { code: 'KEY_SERVICE_UNTRUSTED', transient: false };
    try {
      await expect(obtain(spec)).rejects.toMatchObject(untrusted);
      const ca = await file(tls.certificate, 0o644);
      expect((await obtain({ ...spec, HULLCAST_CPIX_TLS_CA_FILE: ca })).keys).toHaveLength(4);
      const wrong = await file(selfSigned('another', { bits: 'ec' }).certificate, 0o644);
      await expect(obtain({ ...spec, HULLCAST_CPIX_TLS_CA_FILE: wrong })).rejects.toMatchObject(untrusted);
      // By another name, the certificate is none of it.
      const named = { HULLCAST_KEYS: spec.HULLCAST_KEYS.replace('127.0.0.1', 'localhost') };
      await expect(obtain({ ...named, HULLCAST_CPIX_TLS_CA_FILE: ca })).rejects.toMatchObject(untrusted);
      expect(server.requests).toHaveLength(1);
      expect(server.problems).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('is not trusted any more when its certificate has expired', async () => {
    const tls = selfSigned('provider', { bits: 'ec', expired: true });
    const server = await startCpixServer({ tls });
    try {
      const env = {
        HULLCAST_KEYS: `cpix:${server.url}`,
        HULLCAST_CPIX_TLS_CA_FILE: await file(tls.certificate, 0o644),
      };
      await expect(obtain(env)).rejects.toMatchObject({
        code: 'KEY_SERVICE_UNTRUSTED',
        message: expect.stringContaining('expired'),
      });
    } finally {
      await server.stop();
    }
  });

  it('may want a certificate of its client', async () => {
    const [tls, clients] = [selfSigned('provider', { bits: 'ec' }), selfSigned('packager', { bits: 'ec' })];
    const server = await startCpixServer({ tls, clients });
    const env = {
      HULLCAST_KEYS: `cpix:${server.url}`,
      HULLCAST_CPIX_TLS_CA_FILE: await file(tls.certificate, 0o644),
    };
    const showing = async ({ certificate, privateKey }: TestCertificate): Promise<NodeJS.ProcessEnv> => ({
      ...env,
      HULLCAST_CPIX_TLS_CERTIFICATE_FILE: await file(certificate, 0o644),
      HULLCAST_CPIX_TLS_PRIVATE_KEY_FILE: await file(privateKey),
    });
    try {
      expect((await obtain(await showing(clients))).keys).toHaveLength(4);
      await expect(obtain(env)).rejects.toMatchObject({
        code: 'KEY_SERVICE_UNTRUSTED',
        message: expect.stringMatching(/: tlsv13 alert certificate required$/),
      });
      // Node's server hangs up without a word.
      await expect(obtain(await showing(tls))).rejects.toMatchObject({ code: 'KEY_SERVICE_DOWN' });
      expect(server.requests).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });
});
