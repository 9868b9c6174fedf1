import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { textFile } from '../../fixtures/captions.js';
import { languageMaster } from '../../fixtures/languages.js';
import { QUICK, cli, startCli } from '../support/cli.js';

export const PROTECTIONS = ['clear', 'cbcs', 'cenc', 'rotated'] as const;
export type Protection = (typeof PROTECTIONS)[number];

/** How each is encrypted. The rotated one has other keys from its first segment at or after ten seconds on. */
const DRM: Record<Protection, string[] | undefined> = {
  clear: undefined,
  cbcs: ['--scheme', 'cbcs'],
  cenc: ['--scheme', 'cenc'],
  rotated: ['--scheme', 'cbcs', '--key-period', '10'],
};

/** What the texts of the titles say throughout. */
export const WORDS = { en: 'good day', de: 'guten Tag' } as const;

/** A title that `hullcast play` serves. */
export interface Served {
  /** E.g. http://127.0.0.1:8080/. */
  url: string;
  folder: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Encodes the titles one after the other, all of one home: pictures and sound are encoded once. */
export async function makeTitles(root: string): Promise<Record<Protection, Served>> {
  const home = join(root, 'home');
  const texts = await Promise.all(
    Object.entries(WORDS).map(async ([language, words]) => {
      const path = await textFile(`${language}.srt`, `1\n00:00:00,000 --> 00:00:24,000\n${words}\n`);
      return ['--text', `${path}:lang=${language}`];
    }),
  );
  const served: [Protection, Served][] = [];
  for (const protection of PROTECTIONS) {
    const folder = join(root, protection);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const how = DRM[protection];
    const drm = how ? ['--drm', 'clearkey', ...how, '--clearkey-url', `${url}license/clearkey`] : [];
    const made = await cli(
      ['encode', await languageMaster(), '--out', folder, ...QUICK, ...texts.flat(), ...drm],
      { home },
    );
    expect(made.exitCode, made.stderr).toBe(0);
    const running = startCli(['play', folder, '--port', String(port)], { home });
    await new Promise<void>((ready, failed) => {
      running.stdout.once('data', () => ready());
      void running.then(({ stderr }) => failed(new Error(stderr)));
    });
    const stop = async (): Promise<void> => {
      running.kill('SIGTERM');
      await running;
    };
    served.push([protection, { url, folder, stop }]);
  }
  return Object.fromEntries(served) as Record<Protection, Served>;
}
