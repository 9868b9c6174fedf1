// What the tests need beyond npm: a Chromium for pages, and the servers of a fleet. Installed where that is possible.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const POSTGRES = '/usr/lib/postgresql'; // Debian keeps a folder for each version there, off PATH
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'].filter((folder) => folder !== '');
const onPath = (name) => folders.some((folder) => existsSync(join(folder, name)));
const versions = () => (existsSync(POSTGRES) ? readdirSync(POSTGRES) : []);

/** Debian's packages, each with how to see that what it brings is there. */
const PACKAGES = {
  chromium: () =>
    process.env.HULLCAST_CHROMIUM || ['chromium', 'chromium-browser', 'google-chrome'].some(onPath),
  'redis-server': () => onPath('redis-server'),
  curl: () => onPath('curl'), // the examples of docs/api.md
  postgresql: () =>
    onPath('initdb') || versions().some((version) => existsSync(join(POSTGRES, version, 'bin/initdb'))),
  // For promtool, which reads the rules and the queries of deploy/.
  prometheus: () => onPath('promtool'),
  // OpenStack Swift: an S3 server by other people than s3rver's.
  'python3-swift': () => existsSync('/usr/lib/python3/dist-packages/swift/proxy'),
};

const POLICY = '/usr/sbin/policy-rc.d';

/** Runs apt-get while no package may start its service: the tests start servers of their own. */
function install(packages) {
  const own = !existsSync(POLICY);
  if (own) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(POLICY, 0o755);
  }
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
      const { status } = spawnSync('apt-get', args, { stdio: 'inherit', env });
      if (status !== 0) return status ?? 1;
    }
    return 0;
  } finally {
    if (own) rmSync(POLICY, { force: true });
  }
}

const missing = Object.keys(PACKAGES).filter((name) => !PACKAGES[name]());
if (missing.length > 0) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(
      `The tests need more than npm brings: apt-get install ${missing.join(' ')} (HULLCAST_CHROMIUM names another Chromium).`,
    );
    process.exit(1);
  }
  process.exit(install(missing));
}
