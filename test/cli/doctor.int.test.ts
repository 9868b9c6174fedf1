import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDoctor } from '../../src/cli/doctor.js';
import { cli } from './terminal.js';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hullcast-doctor-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const commands = [registerDoctor];

describe('hullcast doctor', () => {
  it('finds all that is needed, and changes nothing', async () => {
    const { code, stdout, stderr } = await cli(['doctor'], { commands, cwd });
    expect(stderr.text).toBe('');
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^tools\n {2}ffmpeg .*ok/);
    expect(stdout.text).toMatch(/npm @ffmpeg-installer.*libvmaf without the built-in model/);
    expect(stdout.text).toContain(`free for ${join(cwd, '.hullcast')}`);
    expect(stdout.text).toMatch(/Everything that is needed is there\.\n$/);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('says the same as JSON lines', async () => {
    const { code, stdout } = await cli(['doctor', '--json'], { commands, cwd });
    expect(code).toBe(0);
    const lines = stdout.json();
    expect(lines.at(-1)).toEqual({ type: 'doctor', ok: true, missing: [] });
    const checks = lines.slice(0, -1);
    expect(checks.every(({ type }) => type === 'check')).toBe(true);
    const models = checks.find(({ group, name }) => group === 'models' && name === 'needed');
    expect(models).toMatchObject({
      state: 'ok',
      found: 'vmaf_v0.6.1 vmaf_v0.6.1neg vmaf_4k_v0.6.1 vmaf_4k_v0.6.1neg',
    });
  });

  it('ends with 1 where something is missing, and says how to get it', async () => {
    const env = { PATH: '', HULLCAST_PACKAGER: '/nowhere/packager', HULLCAST_FFMPEG: process.execPath };
    const { code, stdout, stderr } = await cli(['doctor'], { commands, cwd, env });
    expect(code).toBe(1);
    expect(stdout.text).toMatch(/packager +passed over .*\/nowhere\/packager: no such file/);
    expect(stderr.text).toContain('error DOCTOR_MISSING: missing: ffmpeg, packager\nhint: ');
    expect(stderr.text).toContain('HULLCAST_PACKAGER');
    const json = await cli(['doctor', '--json'], { commands, cwd, env });
    expect(json.code).toBe(1);
    expect(json.stdout.json().slice(-2)).toMatchObject([
      { type: 'doctor', ok: false, missing: ['ffmpeg', 'packager'] },
      { type: 'error', code: 'DOCTOR_MISSING', exitCode: 1 },
    ]);
  });
});
