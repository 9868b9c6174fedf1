import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { TITLE_CUTS, TITLE_FRAMES, titleMaster } from '../../fixtures/title.js';
import { checkOutput } from '../../src/distribute/index.js';
import { createRunner, findTools } from '../../src/media/index.js';
import { type Report, parseReport } from '../../src/report/index.js';
import { score } from '../../src/vmaf/index.js';
import { QUICK, cli, digestsOf, startCli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder, name);
const reportOf = async (out: string): Promise<Report> =>
  parseReport(JSON.parse(await readFile(join(at(out), 'report.json'), 'utf8')));

/** Process ids of the ffmpegs that work on files of this home. */
async function ffmpegsOf(home: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')), // it ended meanwhile
  );
  return pids.filter((_, i) => commands[i]!.includes('ffmpeg') && commands[i]!.includes(home));
}

describe('hullcast encode', () => {
  let master: string;
  let first: Awaited<ReturnType<typeof cli>>;

  beforeAll(async () => {
    master = await titleMaster();
    first = await cli(['encode', master, '--out', at('first'), '--json', ...QUICK], { home: at('home') });
  });

  test('ends with 0, and the folder holds everything that the contract names', async () => {
    expect(first.stderr).toBe('');
    expect(first.exitCode).toBe(0);
    const names = await readdir(at('first'));
    expect(names).toEqual(
      expect.arrayContaining(['manifest.mpd', 'master.m3u8', 'report.json', 'report.html']),
    );
    await checkOutput(at('first')); // it may be replaced by another title
    const report = await reportOf('first');
    expect(report.shots.map((shot) => shot.startFrame)).toEqual([0, ...TITLE_CUTS]);
    expect(report.title.frames).toBe(TITLE_FRAMES);
    expect(report.renditions.length).toBeGreaterThan(2);
    for (const rendition of report.renditions) {
      expect(existsSync(join(at('first'), 'video', rendition.id, 'init.mp4'))).toBe(true);
      expect(rendition.frames).toBe(TITLE_FRAMES);
      expect(rendition.bits).toBe(rendition.chunks.reduce((sum, chunk) => sum + chunk.bits, 0));
      expect(rendition.peakBitrate).toBeLessThanOrEqual(2 * rendition.averageBitrate);
    }
    const rates = report.renditions.map((rendition) => rendition.averageBitrate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });

  test('prints JSON lines alone on standard output, the last one the result', () => {
    const lines = first.lines();
    expect(lines.every(({ type }) => ['stage', 'progress', 'result'].includes(type))).toBe(true);
    expect(lines.at(-1)).toMatchObject({ type: 'result', out: at('first') });
    const finished = lines.filter(({ type, state }) => type === 'stage' && state === 'finished');
    expect(new Set(finished.map(({ stage }) => stage))).toEqual(
      new Set([
        'store',
        'ingest',
        'inspect',
        'audio',
        'chunk',
        'probe',
        'encode',
        'images',
        'assemble',
        'package',
        'verify',
        'deliver',
        'publish',
      ]),
    );
  });

  test('what was scored is what ships: scoring the shipped segments again gives the reported VMAF', async () => {
    const report = await reportOf('first');
    const [top] = report.renditions;
    const parts = ['init.mp4', ...(await segmentNames(join(at('first'), 'video', top!.id)))];
    const file = at('joined.mp4');
    await writeFile(
      file,
      Buffer.concat(
        await Promise.all(parts.map((name) => readFile(join(at('first'), 'video', top!.id, name)))),
      ),
    );
    const run = createRunner();
    const tools = await findTools(run);
    const fps = { num: 24, den: 1 };
    const again = await score(
      { run, tools, scratch: folder, signal: new AbortController().signal },
      { path: master, demuxer: 'mov', frames: TITLE_FRAMES, fps },
      { path: file, demuxer: 'mov', frames: TITLE_FRAMES, fps },
      { referenceSize: { width: 640, height: 360 } },
    );
    // Every frame of the whole against every ninth of each shot: the same up to what subsampling costs.
    expect(Math.abs(again.pooled.mean - top!.vmaf.mean)).toBeLessThan(1.5);
  });

  test('the same again encodes nothing and ships the same bytes', async () => {
    const again = await cli(['encode', master, '--out', at('again'), ...QUICK], { home: at('home') });
    expect(again.exitCode).toBe(0);
    expect((await reportOf('again')).cost.encodes).toBe(0);
    expect(await digestsOf(at('again'))).toEqual(await digestsOf(at('first')));
  });

  test('killed with SIGKILL in another home, then stopped by SIGINT, it goes on each time and ships the same bytes', async () => {
    const home = at('other-home');
    const args = ['encode', master, '--out', at('other'), '--json', ...QUICK];
    const records = join(home, 'store', 'records', 'encode');
    const encodes = async (): Promise<number> =>
      existsSync(records) ? (await readdir(records)).filter((name) => name.endsWith('.json')).length : 0;
    /** Starts it, and sends the signal in the middle of the encodes: when so many are done and others run. */
    const interrupt = async (done: number, signal: 'SIGKILL' | 'SIGINT') => {
      const child = startCli(args, { home });
      await expect.poll(encodes, { interval: 20, timeout: 120_000 }).toBeGreaterThanOrEqual(done);
      await expect.poll(() => ffmpegsOf(home), { interval: 10, timeout: 20_000 }).not.toEqual([]);
      child.kill(signal);
      const ended = await child;
      // None goes on for nobody.
      await expect.poll(() => ffmpegsOf(home), { timeout: 5000 }).toEqual([]);
      expect(existsSync(at('other'))).toBe(false);
      return ended;
    };
    expect((await interrupt(3, 'SIGKILL')).signal).toBe('SIGKILL');
    const kept = await encodes();
    expect((await interrupt(kept + 3, 'SIGINT')).exitCode).toBe(130);
    const resumed = await cli(args, { home });
    expect(resumed.exitCode).toBe(0);
    expect((await reportOf('other')).cost.cacheHits).toBeGreaterThanOrEqual(kept + 3);
    expect(await digestsOf(at('other'))).toEqual(await digestsOf(at('first')));
  });

  test('a plan encodes nothing', async () => {
    const plan = await cli(['plan', master, '--json', ...QUICK], { home: at('plan-home') });
    expect(plan.exitCode).toBe(0);
    expect(plan.lines().at(-1)).toMatchObject({ type: 'plan', frames: TITLE_FRAMES, shots: [{}, {}, {}] });
    expect(existsSync(join(at('plan-home'), 'store', 'records', 'encode'))).toBe(false);
  });

  test('a floor that cannot be kept is reported, and under --strict ends with 4 with the title written', async () => {
    const strict = await cli(
      [
        'encode',
        master,
        '--out',
        at('strict'),
        '--strict',
        '--floor-drop',
        '0.1',
        '--max-height',
        '240',
        ...QUICK,
      ],
      { home: at('home') },
    );
    expect(strict.exitCode).toBe(4);
    expect(strict.stderr).toContain('FLOOR_MISSED');
    expect(
      (await reportOf('strict')).master.findings.some(({ code }) => code === 'quality-floor-missed'),
    ).toBe(true);
  });
});

async function segmentNames(path: string): Promise<string[]> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.m4s'));
  return names.sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
}
