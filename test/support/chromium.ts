import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Path of a Chromium: HULLCAST_CHROMIUM, /usr/bin/chromium, or chromium, chromium-browser or google-chrome on PATH.
 * Throws where there is none: a browser test that is not run proves nothing.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const forced = env['HULLCAST_CHROMIUM'];
  if (forced !== undefined && forced !== '') {
    if (existsSync(forced)) return forced;
    throw new Error(`HULLCAST_CHROMIUM names ${forced}, which does not exist`);
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = [
    '/usr/bin/chromium',
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(
      'no Chromium for the browser tests: apt-get install chromium, or set HULLCAST_CHROMIUM to one',
    );
  }
  return found;
}

const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
];

/** Starts a headless Chromium that talks to nobody by itself. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), headless: true, args: ARGS });
}
