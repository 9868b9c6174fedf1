import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServiceLog } from '../../../src/services/logging/index.js';
import { type TestApi, startApi } from './support.js';

let api: TestApi;
const lines: string[] = [];
beforeAll(async () => {
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createServiceLog({ service: 'control', version: '0.0.0', env: {}, destination });
  api = await startApi({ log });
});
afterAll(() => api.close());

it('the log says which token was made or revoked by whom, and no secret', async () => {
  const admin = await api.token('admin');
  const made = await api.call('POST', '/v1/tokens', admin.secret, {
    body: { name: 'newsroom', scopes: ['submit'] },
  });
  const { id, secret } = (await made.json()) as { id: string; secret: string };
  expect((await api.call('DELETE', `/v1/tokens/${id}`, admin.secret)).status).toBe(204);
  const told = lines
    .map((line) => JSON.parse(line) as { msg: string })
    .filter(({ msg }) => msg.startsWith('token '));
  expect(told).toMatchObject([
    { msg: 'token made', tokenId: id, by: admin.id, scopes: ['submit'] },
    { msg: 'token revoked', tokenId: id, by: admin.id },
  ]);
  for (const hidden of [secret, admin.secret]) expect(lines.join('')).not.toContain(hidden);
});
