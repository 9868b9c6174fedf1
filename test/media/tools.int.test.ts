import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  VMAF_MODELS,
  candidates,
  capabilities,
  createRunner,
  findTool,
  findTools,
  hasLibvmaf,
  inspectCandidates,
  tryCandidate,
} from '../../src/media/index.js';
import { probeModel } from '../../src/media/libvmaf.js';

const run = createRunner();
let folder: string;

/** A program that answers like an ffmpeg of some version and can do nothing else. */
async function fakeTool(name: string, version: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    `#!/bin/sh\necho "${name} version ${version}"\ncase "$1" in -version) ;; *) exit 1 ;; esac\n`,
  );
  await chmod(path, 0o755);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-tools-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('findTools', () => {
  it('finds tools that work, with their versions', async () => {
    const tools = await findTools(run);
    for (const [name, tool] of Object.entries(tools)) {
      expect(tool.name).toBe(name);
      expect(tool.version).toMatch(/\d/);
      expect((await stat(tool.path)).isFile()).toBe(true);
    }
    expect(await hasLibvmaf(run, tools.ffmpeg.path)).toBe(true);
  });

  it('an environment variable is final: what it names is taken or refused', async () => {
    const real = await findTool(run, 'ffmpeg');
    const link = join(folder, 'my-ffmpeg');
    await symlink(real.path, link);
    const env = { PATH: process.env['PATH'], HULLCAST_FFMPEG: link };
    expect(await findTool(run, 'ffmpeg', env)).toMatchObject({ path: link, origin: 'HULLCAST_FFMPEG' });
    await expect(
      findTool(run, 'ffmpeg', { ...env, HULLCAST_FFMPEG: '/nowhere/ffmpeg' }),
    ).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      hint: expect.stringContaining('HULLCAST_FFMPEG') as string,
    });
  });

  it('refuses an ffmpeg that cannot score', async () => {
    const HULLCAST_FFMPEG = await fakeTool('ffmpeg', '9.9');
    await expect(findTool(run, 'ffmpeg', { HULLCAST_FFMPEG })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
    });
  });

  it('sets the executable bit that npm 11 leaves off', async () => {
    const path = await fakeTool('ffprobe', '1.2.3');
    await chmod(path, 0o644);
    const tool = await tryCandidate(run, 'ffprobe', { origin: 'test', path });
    expect(tool).toEqual({ name: 'ffprobe', path, version: '1.2.3', origin: 'test' });
    expect((await stat(path)).mode & 0o111).not.toBe(0);
  });

  it('looks along PATH', async () => {
    const path = await fakeTool('packager', '3.0');
    const found = candidates('packager', { PATH: `/nowhere:${folder}` });
    expect(found.at(-1)).toEqual({ origin: 'PATH', path });
  });
});

describe('inspectCandidates', () => {
  it('takes what findTool takes, and says why it passes over each other one', async () => {
    const old = await fakeTool('ffmpeg', '2.8');
    const env = { PATH: folder };
    const reports = await inspectCandidates(run, 'ffmpeg', env);
    const taken = reports.filter(({ rejected }) => rejected === undefined);
    const found = await findTool(run, 'ffmpeg', env);
    expect(taken.map(({ tool }) => tool)).toEqual([found]);
    const onPath = reports.find(({ candidate }) => candidate.path === old);
    expect(onPath?.rejected).toBe('cannot say what it was built with');
    expect(reports.every(({ rejected }) => rejected !== '')).toBe(true);
  });

  it('tells a build that lists libvmaf but has no models', async () => {
    const reports = await inspectCandidates(run, 'ffmpeg', { PATH: '' });
    const installer = reports.find(({ candidate }) => candidate.origin === 'npm @ffmpeg-installer');
    expect(installer?.rejected).toBe('libvmaf without the built-in model vmaf_v0.6.1');
  });

  it('names a file that is not there, and one that does not start', async () => {
    const missing = await inspectCandidates(run, 'ffprobe', { HULLCAST_FFPROBE: '/nowhere/ffprobe' });
    expect(missing).toMatchObject([{ rejected: 'no such file', tool: undefined }]);
    const text = join(folder, 'text');
    await writeFile(text, 'hello');
    const broken = await inspectCandidates(run, 'ffprobe', { HULLCAST_FFPROBE: text });
    expect(broken).toMatchObject([{ rejected: 'does not start on this machine', tool: undefined }]);
  });
});

describe('capabilities', () => {
  it('are what the stages need', async () => {
    const ffmpeg = await findTool(run, 'ffmpeg');
    const found = await capabilities(run, ffmpeg.path);
    expect(found.models).toEqual(VMAF_MODELS);
    expect(found.libvmafVersion).toMatch(/\w{3,}/);
    for (const encoder of ['libx264', 'aac']) expect(found.encoders).toContain(encoder);
    for (const filter of ['libvmaf', 'trim', 'ebur128', 'bwdif']) expect(found.filters).toContain(filter);
    expect(found.filters).not.toContain('nosuchfilter');
  });

  it('are asked once a process', async () => {
    const ffmpeg = await findTool(run, 'ffmpeg');
    await capabilities(run, ffmpeg.path);
    const refuse = (): Promise<never> => Promise.reject(new Error('asked again'));
    await expect(capabilities(refuse, ffmpeg.path)).resolves.toMatchObject({ models: VMAF_MODELS });
  });

  it('know a model that is not there', async () => {
    const ffmpeg = await findTool(run, 'ffmpeg');
    expect(await probeModel(run, ffmpeg.path, 'vmaf_v9.9.9')).toBeUndefined();
  });
});
