import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import Ajv2020 from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signatureHeader } from '../../../src/services/webhooks/index.js';
import { type Document, operations } from './document.js';
import { type TestApi, startApi } from './support.js';

let api: TestApi;
let folder: string;
let docs: string;
beforeAll(async () => {
  api = await startApi();
  folder = await mkdtemp(join(tmpdir(), 'hullcast-docs-'));
  docs = await readFile(resolve('docs/api.md'), 'utf8');
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const blocks = (language: string): string[] =>
  [...docs.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

describe('docs/api.md', () => {
  it('has examples that can be pasted one after the other', async () => {
    const { secret, id } = await api.token('admin');
    const script = blocks('sh').join('\n').replace('http://127.0.0.1:8080', api.url).replace('hc_…', secret);
    expect(script.match(/curl/g)!.length).toBeGreaterThan(6);
    const path = join(folder, 'examples.sh');
    await writeFile(path, `set -eu -o pipefail\n${script}`);
    const { stdout } = await promisify(execFile)('bash', [path], { cwd: folder });
    const { titles } = await api.db.titles.list({ limit: 10 });
    expect(titles).toHaveLength(1);
    const [title] = titles;
    expect(title).toMatchObject({ name: 'master.mov', priority: 7, externalId: 'ep-2051', tokenId: id });
    expect(title?.source.kind === 'upload' && (await api.store.read(title.source.key)).toString()).toBe(
      'not really a film',
    );
    expect(stdout).toContain('"name":"newsroom"');
    expect(stdout).toContain(`"id":"${title!.id}"`);
    expect(stdout).toContain('event: title\nid: 1\n');
  });

  it('has a verification of webhooks that verifies', async () => {
    const path = join(folder, 'verify.mjs');
    await writeFile(path, blocks('js').join('\n'));
    const { isGenuine } = (await import(pathToFileURL(path).href)) as {
      isGenuine: (header: string, body: string, secret: string) => boolean;
    };
    const [now, body] = [Math.floor(Date.now() / 1000), '{"name":"été"}'];
    const header = signatureHeader(body, ['new-secret', 'old-secret'], now);
    expect(isGenuine(header, body, 'new-secret')).toBe(true);
    expect(isGenuine(header, body, 'old-secret')).toBe(true);
    expect(isGenuine(header, body, 'other')).toBe(false);
    expect(isGenuine(header, `${body} `, 'new-secret')).toBe(false);
    expect(isGenuine(signatureHeader(body, ['new-secret'], now - 301), body, 'new-secret')).toBe(false);
    expect(isGenuine('', body, 'new-secret')).toBe(false);
    expect(isGenuine(`t=${now},v1=é`, body, 'new-secret')).toBe(false);
  });

  it('names every path of the API that is not of uploads or tokens', async () => {
    const document = (await (await api.call('GET', '/openapi.json')).json()) as {
      paths: Record<string, object>;
    };
    const missing = Object.keys(document.paths)
      .map((path) => path.replace('{*}', '{path}'))
      .filter((path) => !docs.includes(path.replace('/{id}', '')) && !docs.includes(path));
    expect(missing).toEqual([]);
  });
});

describe('the OpenAPI document', () => {
  it('is of version 3.1, with valid schemas, and a problem for every failure', async () => {
    const response = await api.call('GET', '/openapi.json');
    const document = (await response.json()) as Document;
    expect(document.openapi).toMatch(/^3\.1\./);
    const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'doc', components: document.components });
    for (const name of Object.keys(document.components.schemas))
      expect(ajv.getSchema(`doc#/components/schemas/${name}`), name).toBeTypeOf('function');
    for (const [name, { responses }] of operations(document)) {
      const { content = {}, headers = {} } = responses['default']!;
      // Answers to HEAD have no body.
      if (name.startsWith('head ')) expect(Object.keys(headers), name).toContain('Hullcast-Problem');
      else expect(Object.keys(content), name).toEqual(['application/problem+json']);
    }
  });

  it('describes what is answered', async () => {
    const { secret } = await api.token('submit');
    const document = (await (await api.call('GET', '/openapi.json')).json()) as Document;
    const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'doc', components: document.components });
    const valid = (name: string, value: unknown): unknown =>
      ajv.validate({ $ref: `doc#/components/schemas/${name}` }, value) || ajv.errors;
    const get = async (path: string): Promise<unknown> => (await api.call('GET', path, secret)).json();
    expect(valid('TitlePage', await get('/v1/titles'))).toBe(true);
    expect(valid('Overview', await get('/v1/overview'))).toBe(true);
    expect(valid('Token', await get('/v1/token'))).toBe(true);
    expect(valid('Problem', await get('/v1/nosuch'))).toBe(true);
    expect(valid('Title', await get('/v1/nosuch'))).not.toBe(true);
  });

  it('has a page, which loads nothing from elsewhere', async () => {
    const page = await api.call('GET', '/docs');
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    const html = await page.text();
    for (const [, path = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const file = await api.call('GET', new URL(path, `${api.url}/docs/`).pathname);
      expect([file.status, (await file.arrayBuffer()).byteLength > 0], path).toEqual([200, true]);
    }
  });
});
