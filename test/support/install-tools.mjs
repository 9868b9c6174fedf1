// What the tests need beyond npm: a Chromium for the player and the report. Installed where that is possible.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = process.env.HULLCAST_CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
if (!found) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error('The tests need Chromium: apt-get install chromium, or set HULLCAST_CHROMIUM to its path.');
    process.exit(1);
  }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env });
    if (status !== 0) process.exit(status ?? 1);
  }
}
