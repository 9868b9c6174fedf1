import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { KeyService } from '../keys/index.js';
import type { PlayerConfig } from '../web/index.js';

/** Licences for the one title of a local player. */
export interface PlayLicenses {
  /** For the page. */
  config: NonNullable<PlayerConfig['license']>;
  /** Answers what is below `/license/`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

const PREFIX = '/license';
/** The id that tokens have for the one title: that of its files' path. */
const TITLE = 'title';
/** A token is fetched for each licence, and used at once. */
const TOKEN_SECONDS = 60;

async function reportOf(dir: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(dir, 'report.json'), 'utf8'));
  } catch {
    return {}; // no report, or a broken one: then nothing says that the title is protected
  }
}

/**
 * The licence endpoint of a folder's title, with tokens that only this process knows. Undefined where the title is not
 * protected, or not with ClearKey, whose licences are the only ones that can be made here.
 */
export async function openPlayLicenses(
  dir: string,
  openKeys: (() => Promise<KeyService>) | undefined,
): Promise<PlayLicenses | undefined> {
  const report = await reportOf(dir);
  if ((report as { protection?: unknown } | null)?.protection === undefined) return undefined;
  // Not before it is needed: most titles are not protected.
  const [license, { default: fastify }, { sendProblem }] = await Promise.all([
    import('../services/license/index.js'),
    import('fastify'),
    import('../services/api/index.js'),
  ]);
  const protection = license.protectionOf(report);
  if (!protection?.systems.includes('clearkey')) return undefined;

  const keys = await openKeys?.();
  const device = randomBytes(16).toString('base64url');
  const tokenKeys = license.localTokenKeys();
  const policy = license.LOCAL_POLICY;
  const app = fastify({ logger: false });
  app.setErrorHandler(sendProblem);
  app.post(`${PREFIX}/token`, async (_request, reply) => {
    const wanted = { title: TITLE, device, seconds: TOKEN_SECONDS };
    const token = await license.signLicenseToken(tokenKeys, wanted, policy.token);
    return reply.header('cache-control', 'no-store').send({ token });
  });
  await app.register(
    license.licenseRoutes({
      ...{ keys, policy, upstreams: {}, uses: license.memoryUses() },
      // Read each time: the title may be made again, with other keys, while it is watched.
      titleKeys: async (id) => (id === TITLE ? license.protectionOf(await reportOf(dir)) : undefined),
      verify: (token) => license.verifyLicenseToken(tokenKeys, token, policy.token),
    }),
    { prefix: PREFIX },
  );
  await app.ready();
  return {
    config: {
      ...{ url: `${PREFIX}/clearkey`, tokens: `${PREFIX}/token`, device },
      // Where there is no Widevine, HLS of ClearKey alone goes under its key format, which players know.
      instead: protection.systems.includes('widevine') ? [] : ['com.widevine.alpha'],
    },
    handle: (request, response) => app.routing(request, response),
    close: () => app.close(),
  };
}
