import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import {
  type KeyRequest,
  type KeyService,
  type KeySet,
  openKeyService,
  readTrail,
} from '../../../src/keys/index.js';
import { FileStore } from '../../../src/storage/index.js';
import { type TestCertificate, selfSigned } from '../../support/certificate.js';
import { LABELS, all, requestOf } from '../key-service.contract.js';
import { filesWithKeys, holdsKey } from '../secrets.js';
import { type CpixServer, startCpixServer } from './cpix-server.js';
import { type Given, written } from './provider.js';

export const AUTHORIZATION = 'Basic dGVuYW50OnNlY3JldC1vZi10aGUtdGVuYW50';
/** Pauses short enough for tests; an attempt may take as long as a loaded machine needs. */
export const TIMING = { attemptMs: 60_000, patienceMs: 60_000, pauseMs: 20, longestPauseMs: 100 };

/** A change of the right answer, and what is said of it. */
export type Case = [how: string, says: RegExp, change: (given: Given) => unknown];

export const request = requestOf('film & "more"', LABELS);
export const certificateOf = ({ certificate }: TestCertificate): X509Certificate =>
  new X509Certificate(certificate);

interface Expected {
  variables?: NodeJS.ProcessEnv;
  more?: Partial<KeyRequest>;
  timing?: typeof TIMING;
}

export interface Deployment {
  server: CpixServer;
  /** Settings of a client that takes keys in the clear, and of one that has them encrypted for `own`. */
  env: NodeJS.ProcessEnv;
  encrypting: NodeJS.ProcessEnv;
  own: TestCertificate;
  /** A client with a home and a store of its own. */
  deploy(
    variables: NodeJS.ProcessEnv,
    timing?: typeof TIMING,
  ): { home: string; store: FileStore; open(): KeyService };
  obtain(more?: Partial<KeyRequest>, variables?: NodeJS.ProcessEnv): Promise<KeySet>;
  /** The request ends with that code; whatever is told of it, and whatever is kept, holds no key and no credentials. */
  expectFailure(code: string, says: RegExp, expected?: Expected): Promise<void>;
}

/**
 * A provider and clients of it, for the tests of one file. Each test begins with a provider that answers rightly, and
 * ends with one that has nothing to say against any request.
 */
export async function cpixDeployment(): Promise<Deployment> {
  const root = await mkdtemp(join(tmpdir(), 'hullcast-cpix-'));
  const file = async (name: string, content: string, mode = 0o600): Promise<string> => {
    const path = join(root, name);
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  };
  const own = selfSigned('hullcast packager');
  const server = await startCpixServer({ authorization: AUTHORIZATION });
  const env = {
    HULLCAST_KEYS: `cpix:${server.url}?tenant=7`,
    HULLCAST_CPIX_HEADERS_FILE: await file(
      'headers',
      `# of our provider\nAuthorization: ${AUTHORIZATION}\nx-api-key:  abc-123\n`,
    ),
  };
  const encrypting = {
    ...env,
    HULLCAST_CPIX_CERTIFICATE_FILE: await file('own.crt', own.certificate, 0o644),
    HULLCAST_CPIX_PRIVATE_KEY_FILE: await file('own.key', own.privateKey),
  };
  afterAll(async () => {
    await server.stop();
    await rm(root, { recursive: true });
  });
  beforeEach(() => {
    server.next();
    server.change = () => undefined;
    server.write = (given) => written(given);
    server.requests.length = 0;
  });
  afterEach(() => expect(server.problems).toEqual([]));

  let homes = 0;
  const deploy: Deployment['deploy'] = (variables, timing = TIMING) => {
    const home = join(root, `home-${(homes += 1)}`);
    const store = new FileStore(join(home, 'store'));
    return { home, store, open: () => openKeyService(variables, { store, home, timing }) };
  };
  return {
    ...{ server, env, encrypting, own, deploy },
    obtain: (more = {}, variables = env) =>
      deploy(variables)
        .open()
        .obtain({ ...request, ...more }),
    async expectFailure(code, says, { variables = env, more = {}, timing = TIMING } = {}) {
      const { store, home, open } = deploy(variables, timing);
      const error: unknown = await open()
        .obtain({ ...request, ...more })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, transient: code === 'KEY_SERVICE_DOWN', hint: expect.any(String) });
      expect((error as Error).message).toMatch(says);
      const keys = request.keys.map(({ kid }) => server.keyOf('film & "more"', kid));
      const printed = inspect(error, { depth: null, showHidden: true });
      expect(holdsKey(printed, keys)).toBe(false);
      expect(printed).not.toContain(AUTHORIZATION.slice(8));
      expect(printed).not.toContain('tenant=7');
      expect(await all(readTrail(store))).toEqual([]);
      expect((await filesWithKeys(home, keys).catch(() => ({ found: [] }))).found).toEqual([]);
    },
  };
}
