import fastify, { LogController } from 'fastify';
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect } from 'vitest';
import type { DrmSystem, KeyLabel } from '../../../src/keys/index.js';
import { sendProblem } from '../../../src/services/api/index.js';
import type { LicenseDeps, LicenseOutcome } from '../../../src/services/license/deps.js';
import { memoryUses } from '../../../src/services/license/memory-uses.js';
import { KEY_LABELS, LOCAL_POLICY } from '../../../src/services/license/policy.js';
import type { ProtectedTitle } from '../../../src/services/license/protection.js';
import { licenseRoutes } from '../../../src/services/license/routes.js';
import {
  type NewLicenseToken,
  signLicenseToken,
  verifyLicenseToken,
} from '../../../src/services/license/token.js';
import { type TokenKeys, localTokenKeys } from '../../../src/services/license/token-keys.js';
import { type MemoryKeys, memoryKeys } from '../../support/keys.js';

export const DEVICE = 'device-0123456789abcdef';

const kidOf = (title: string, i: number): string =>
  Buffer.from(`${title}-${i}`.padEnd(16, '.')).toString('hex');

/** A protected title with a key for each label. */
export function titleOf(name: string, labels: readonly KeyLabel[], systems: DrmSystem[]): ProtectedTitle {
  return {
    ...{ contentId: `content-${name}`, scheme: 'cbcs', systems },
    keys: labels.map((label, i) => ({ label, kid: kidOf(name, i) })),
  };
}

export interface LicenseServer {
  url: string;
  keys: MemoryKeys;
  tokenKeys: TokenKeys;
  titles: Map<string, ProtectedTitle>;
  /** Lines of the log. */
  log: string[];
  outcomes: [DrmSystem, LicenseOutcome][];
  /** Every token that was made here. */
  tokens: string[];
  /** Everything that came back, headers too. */
  answers: string[];
  /** Added to the clock of tokens and policy, seconds. */
  later: number;
  token(claims?: Partial<NewLicenseToken>): Promise<string>;
  ask(system: string, options: AskOptions): Promise<Response>;
  /** A ClearKey request for kids (hex). */
  clearKey(kids: string[], options?: AskOptions & { type?: string }): Promise<Response>;
  close(): Promise<void>;
}

export interface AskOptions {
  token?: string | undefined;
  device?: string | undefined;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
  query?: string;
}

/** A server with licences alone, on a free port. */
export async function startLicenses(deps: Partial<LicenseDeps> = {}): Promise<LicenseServer> {
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const app = fastify({
    ...{ loggerInstance: logger, trustProxy: true },
    logController: new LogController({ disableRequestLogging: true }),
  });
  const tokenKeys = localTokenKeys();
  const keys = memoryKeys();
  const titles = new Map<string, ProtectedTitle>();
  const policy = deps.policy ?? LOCAL_POLICY;
  const now = (): number => Date.now() + server.later * 1000;
  const server: LicenseServer = {
    ...{ url: '', keys, tokenKeys, titles, log, outcomes: [], tokens: [], answers: [], later: 0 },
    async token(claims = {}) {
      const token = await signLicenseToken(
        tokenKeys,
        { title: 'film', device: DEVICE, ...claims },
        policy.token,
        now(),
      );
      server.tokens.push(token);
      return token;
    },
    async ask(system, { token, device = DEVICE, body = '', headers = {}, query = '' }) {
      const response = await fetch(`${server.url}/license/${system}${query}`, {
        ...{ method: 'POST', body: body as BodyInit },
        headers: {
          ...{ 'content-type': 'application/octet-stream', 'x-license-device': device },
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
      server.answers.push(await response.clone().text());
      response.headers.forEach((value, name) => void server.answers.push(`${name}: ${value}`));
      return response;
    },
    clearKey: (kids, { type = 'temporary', ...options } = {}) =>
      server.ask('clearkey', {
        body: JSON.stringify({
          kids: kids.map((kid) => Buffer.from(kid, 'hex').toString('base64url')),
          type,
        }),
        ...options,
      }),
    close: () => app.close(),
  };
  app.setErrorHandler(sendProblem);
  await app.register(
    licenseRoutes({
      ...{ keys, policy, uses: memoryUses(), upstreams: {}, now },
      titleKeys: (id) => Promise.resolve(titles.get(id)),
      verify: (token) => verifyLicenseToken(tokenKeys, token, policy.token, now()),
      onAnswer: (system, outcome) => void server.outcomes.push([system, outcome]),
      ...deps,
    }),
    { prefix: '/license' },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  server.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return server;
}

/** A title under every system, and the ids of its keys in the order of KEY_LABELS. */
export const FILM = titleOf('film', KEY_LABELS, ['clearkey', 'widevine', 'playready', 'fairplay']);
export const KIDS = FILM.keys.map(({ kid }) => kid);

/** Key ids (hex) to keys (hex) of a ClearKey licence. */
export async function keysIn(response: Response): Promise<Record<string, string>> {
  expect(response.status).toBe(200);
  const { keys, type } = (await response.json()) as { keys: Record<string, string>[]; type: string };
  expect(['temporary', 'persistent-license']).toContain(type);
  const hex = (text: string | undefined) => Buffer.from(text!, 'base64url').toString('hex');
  return Object.fromEntries(
    keys.map(({ kty, k, kid, ...more }) => {
      expect([kty, more]).toEqual(['oct', {}]);
      return [hex(kid), hex(k)];
    }),
  );
}

/** What must be nowhere in a log: tokens, their signatures, keys in every spelling. */
export function secretsOf({ tokens, keys, titles }: LicenseServer): string[] {
  const all = [...titles.values()].flatMap((title) => title.keys.map(({ kid }) => keys.keyOf(kid)));
  return [
    ...tokens.flatMap((token) => [token, ...token.split('.').slice(1)]),
    ...all.flatMap((hex) => [
      hex,
      ...(['base64', 'base64url'] as const).map((to) => Buffer.from(hex, 'hex').toString(to)),
    ]),
  ];
}

export interface UpstreamServer {
  port: number;
  received: { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer }[];
  /** What it answers from now on. */
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

/** A licence server of a provider. */
export async function startUpstream(): Promise<UpstreamServer> {
  const upstream: Omit<UpstreamServer, 'port' | 'close'> = {
    received: [],
    answer: (response) => response.end('licence'),
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      upstream.received.push({ method, path, headers, body: Buffer.concat(parts) });
      upstream.answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(upstream, {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
