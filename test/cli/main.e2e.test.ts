import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { startCli, temporaryFolder } from '../support/cli.js';

const MAIN = resolve('bin/hullcast.js');
const folder = await temporaryFolder();

/** A folder that `play` takes for a title. */
async function title(): Promise<string> {
  const path = join(folder, 'title');
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'manifest.mpd'), '<MPD/>');
  return path;
}

describe('the program', () => {
  it('serves until Ctrl-C, and then ends with 0', async () => {
    const running = startCli(['play', await title(), '--port', '0', '--json'], {
      home: join(folder, 'home'),
    });
    let text = '';
    for await (const chunk of running.stdout) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    const { type, url } = JSON.parse(text) as { type: string; url: string };
    expect(type).toBe('serving');
    const response = await fetch(new URL('/title/manifest.mpd', url));
    expect(await response.text()).toBe('<MPD/>');
    running.kill('SIGINT');
    const { exitCode, signal } = await running;
    expect([exitCode, signal]).toEqual([0, undefined]);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('does not mind a reader that goes away', async () => {
    // The shell's own pipe: `head` closes it while lines are still to come.
    const line = `"$0" "$1" doctor --json | head -1; exit "\${PIPESTATUS[0]}"`;
    const { exitCode, stdout, stderr } = await execa('bash', ['-c', line, process.execPath, MAIN], {
      reject: false,
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'check' });
  });

  it('loses nothing of a long output when it ends', async () => {
    const { stdout } = await execa('bash', [
      '-c',
      '"$0" "$1" encode --help | (sleep 1; cat)',
      process.execPath,
      MAIN,
    ]);
    expect(stdout).toContain('Exit codes:');
    expect(stdout).toContain('130');
  });

  it('makes no folder where it only looks', async () => {
    const cwd = join(folder, 'empty');
    await mkdir(cwd);
    for (const args of [['doctor'], ['--help'], ['encode', 'nothing.mov', '--out', 'out']]) {
      await execa(process.execPath, [MAIN, ...args], { cwd, reject: false });
    }
    expect((await readdir(cwd)).filter((name) => name !== '.hullcast')).toEqual([]);
  });
});
