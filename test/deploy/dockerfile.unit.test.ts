import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';

const text = readFileSync(resolve('deploy/Dockerfile'), 'utf8');
const dockerfile = DockerfileParser.parse(text);
const instructions = dockerfile.getInstructions();

/** Instructions of a stage, the last one where none is named. */
function stage(name?: string): Instruction[] {
  const starts = instructions.flatMap((one, i) => (one.getKeyword() === 'FROM' ? [i] : []));
  const names = dockerfile.getFROMs().map((from) => from.getBuildStage());
  const index = name === undefined ? names.length - 1 : names.indexOf(name);
  expect(index, name).toBeGreaterThanOrEqual(0);
  return instructions.slice(starts[index], starts[index + 1]);
}
const of = (list: Instruction[], keyword: string): string[] =>
  list.filter((one) => one.getKeyword() === keyword).map((one) => one.getRawArgumentsContent() ?? '');

describe('deploy/Dockerfile', () => {
  it('ends as a user who is nobody, by number, and starts with something that reaps', () => {
    expect(of(stage(), 'USER')).toEqual(['10001:10001']);
    expect(of(stage(), 'ENTRYPOINT')).toEqual(['["tini", "--", "node", "/app/bin/hullcast.js"]']);
    const keywords = stage().map((one) => one.getKeyword());
    const after = keywords.slice(keywords.indexOf('USER'));
    expect(after).not.toContain('RUN');
    expect(after).toEqual(expect.arrayContaining(['HEALTHCHECK', 'ENTRYPOINT', 'CMD']));
  });

  it('takes from the build what runs, and nothing else', () => {
    const copies = stage().filter((one): one is Copy => one.getKeyword() === 'COPY');
    for (const copy of copies) expect(copy.getFromFlag()?.getValue()).toBe('build');
    expect(copies.map((copy) => copy.getRawArgumentsContent())).toEqual([
      ...['/app/LICENSE /app/package.json ./', '/app/node_modules ./node_modules', '/app/bin ./bin'],
      ...['/app/dist ./dist', '/app/deploy/make-bucket.mjs ./deploy/'],
    ]);
    expect(text).not.toMatch(/^ADD /m);
  });

  it('builds from the lock file, without scripts of packages, and drops what only building needs', () => {
    const runs = of(stage('build'), 'RUN').join('\n');
    expect(runs).toMatch(/npm ci --ignore-scripts/);
    expect(runs).toMatch(/npm prune --omit=dev/);
    expect(runs).toMatch(/hullcast\.js doctor/); // finds the tools, and makes them executable
  });

  it('both stages are of one version of Node that the project supports', () => {
    const [argument] = of(instructions, 'ARG');
    const version = /^NODE_VERSION=(\d+)\.(\d+)\.\d+$/.exec(argument!)!;
    expect(Number(version[1])).toBe(20);
    expect(Number(version[2])).toBeGreaterThanOrEqual(19);
    for (const from of dockerfile.getFROMs())
      expect(from.getImage()).toBe('node:${NODE_VERSION}-bookworm-slim');
  });

  it('checks its health at the port at which it answers', () => {
    const [environment] = of(stage(), 'ENV');
    const port = /HULLCAST_HEALTH_LISTEN=0\.0\.0\.0:(\d+)/.exec(environment!)![1]!;
    expect(of(stage(), 'HEALTHCHECK')[0]).toContain(`http://127.0.0.1:${port}/livez`);
    expect(of(stage(), 'EXPOSE')[0]!.split(' ')).toContain(port);
    expect(environment).toContain('HULLCAST_HOME=/data');
    expect(of(stage(), 'VOLUME')).toEqual(['/data']);
  });
});

describe('.dockerignore', () => {
  const lines = readFileSync(resolve('.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('leaves out everything but what the build needs', () => {
    expect(lines[0]).toBe('*');
    expect(lines.slice(1).every((line) => line.startsWith('!'))).toBe(true);
    const allowed = lines.slice(1).map((line) => line.slice(1));
    expect(allowed).toEqual(
      expect.arrayContaining([
        'package.json',
        'package-lock.json',
        'tsconfig.json',
        'tsconfig.build.json',
        'vite.config.ts',
      ]),
    );
    expect(allowed).toEqual(
      expect.arrayContaining(['bin', 'src', 'workers', 'deploy/make-bucket.mjs', 'LICENSE']),
    );
    // A whole deploy/ would bring the secrets along.
    expect(allowed.filter((path) => /^(\.git|deploy$|test|docs|node_modules|dist)/.test(path))).toEqual([]);
  });
});
