import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { type ConfigInput, mergeOptions } from '../../src/cli/config.js';
import { titleOptions } from '../../src/cli/title-setup.js';
import { createRunner, findTools } from '../../src/media/index.js';
import type { JobEvent } from '../../src/pipeline/index.js';
import { parseReport } from '../../src/report/index.js';
import { type EncodedTitle, encodeTitle } from '../../src/title/index.js';
import { readRecord } from '../../src/watermark/index.js';
import { memoryKeys } from '../support/keys.js';

const KEY = 'c0ffee'.repeat(10) + 'cafe';
let folder: string;
let master: string;
const keys = memoryKeys();
const logged: string[] = [];
const before = process.env['HULLCAST_WATERMARK_KEY_FILE'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-watermark-'));
  const keyFile = join(folder, 'watermark.key');
  await writeFile(keyFile, KEY, { mode: 0o600 });
  process.env['HULLCAST_WATERMARK_KEY_FILE'] = keyFile;
  master = await makeClip('watermark.mp4', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=24:d=4'],
    ...['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=4'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-threads', '1'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    ...['-c:a', 'aac', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
  ]);
});
afterAll(async () => {
  if (before === undefined) delete process.env['HULLCAST_WATERMARK_KEY_FILE'];
  else process.env['HULLCAST_WATERMARK_KEY_FILE'] = before;
  await rm(folder, { recursive: true, force: true });
});

async function encoded(
  name: string,
  watermark: ConfigInput['watermark'],
  drm?: ConfigInput['drm'],
): Promise<EncodedTitle & { events: JobEvent[] }> {
  const events: JobEvent[] = [];
  const encode: ConfigInput['encode'] = {
    ...{
      preset: 'ultrafast',
      speed: 'draft',
      resolutions: [180],
      rungs: ['180p@vmaf=60'],
      segmentSeconds: 2,
    },
  };
  const title = await encodeTitle(
    { master, texts: [] },
    join(folder, name),
    titleOptions(mergeOptions({ encode, ...(watermark && { watermark }), ...(drm && { drm }) }, {})),
    {
      ...{ tools: await findTools(createRunner()), home: join(folder, 'home'), hullcastVersion: '0' },
      log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
      signal: new AbortController().signal,
      onEvent: (event) => void events.push(event),
      keys: () => keys,
    },
  );
  return { ...title, events };
}

const computed = ({ events }: { events: readonly JobEvent[] }): string[] =>
  events.filter(({ state, cached }) => state === 'done' && cached === false).map(({ job }) => job);

describe('a title that is to be marked', () => {
  it('has both variants of its rungs, their cost in the report, and its key nowhere; the one without marks is as before', async () => {
    const plain = await encoded('plain', undefined);
    const title = await encoded('marked', { enabled: true, sessionBits: 16 });
    const record = await readRecord(title.out);
    const [rendition] = parseReport(
      JSON.parse(await readFile(join(title.out, 'report.json'), 'utf8')),
    ).renditions;
    expect(record).toMatchObject({ sessionBits: 16, frames: 96, segmentStarts: [0, 48] });
    expect(record.renditions.map(({ id }) => id)).toEqual([rendition!.id]);

    const own = join(title.out, 'video', rendition!.id);
    expect((await readdir(join(own, 'b'))).sort()).toEqual(['1.m4s', '2.m4s', 'iframes.m3u8']);
    for (const segment of ['1.m4s', '2.m4s']) {
      expect(await readFile(join(own, segment))).not.toEqual(await readFile(join(own, 'b', segment)));
    }
    const { unmarked, a, b, vmafCost, cpuSeconds } = rendition!.watermark!;
    const [untouched] = plain.report.renditions;
    expect(unmarked.bits).toBe(untouched!.bits);
    expect(unmarked.vmaf.mean).toBe(untouched!.vmaf.mean);
    expect(untouched).not.toHaveProperty('watermark');
    expect(rendition!.sha256).toBe(a.sha256);
    expect(rendition!.vmaf.mean).toBe(a.vmaf.mean);
    expect(new Set([a.sha256, b.sha256, untouched!.sha256]).size).toBe(3);
    expect(vmafCost).toBeCloseTo(unmarked.vmaf.mean - (a.vmaf.mean + b.vmaf.mean) / 2, 9);
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(await readFile(join(title.out, 'report.html'), 'utf8')).toContain('Watermark, h264');

    // Nothing of the search was done again, and the title without marks is what it was.
    expect(computed(title).filter((job) => job.startsWith('probe'))).toEqual([]);
    expect(computed(await encoded('plain again', undefined)).filter((job) => job.includes('.'))).toEqual([]);

    const shipped = (await readdir(title.out, { recursive: true, withFileTypes: true })).filter((e) =>
      e.isFile(),
    );
    const texts = await Promise.all(shipped.map((e) => readFile(join(e.parentPath, e.name), 'latin1')));
    for (const text of [...texts, ...logged]) expect(text.toLowerCase()).not.toContain(KEY);
  });

  it.each(['cbcs', 'cenc'] as const)(
    'plays, encrypted with %s, with any sequence of variants: frames are those of the variants in the clear',
    async (scheme) => {
      const watermark = { enabled: true, sessionBits: 16 } as const;
      const clear = await encoded('in the clear', watermark);
      const title = await encoded(scheme, watermark, { systems: ['clearkey'], scheme });
      const stages = title.events.filter(({ cached, state }) => state === 'done' && cached === false);
      expect(new Set(stages.map(({ stage }) => stage))).toEqual(
        new Set(['package', 'verify', 'variants', 'deliver']),
      );
      const [{ id }, [key]] = [title.report.renditions[0]!, title.report.protection!.keys];
      const framesOf = async (out: string, segments: string[], secret: string[]): Promise<string> => {
        const parts = ['init.mp4', ...segments].map((name) => readFile(join(out, 'video', id, name)));
        const path = join(folder, 'copy.mp4');
        await writeFile(path, Buffer.concat(await Promise.all(parts)));
        const { ffmpeg } = await findTools(createRunner());
        const output = ['-f', 'framemd5', '-'];
        return (await execa(ffmpeg.path, ['-v', 'error', ...secret, '-i', path, ...output])).stdout;
      };
      for (const sequence of [
        ['1.m4s', 'b/2.m4s'],
        ['b/1.m4s', '2.m4s'],
      ]) {
        const opened = ['-decryption_key', keys.keyOf(key!.keyId)];
        const frames = await framesOf(title.out, sequence, opened);
        expect(frames).toBe(await framesOf(clear.out, sequence, []));
        expect(frames.split('\n').filter((line) => !line.startsWith('#'))).toHaveLength(96);
      }
    },
  );

  it('is refused before anything is encoded where no rung is large enough to be marked', async () => {
    const events = logged.length;
    await expect(encoded('small', { enabled: true, fromHeight: 360 })).rejects.toMatchObject({
      ...{ code: 'WATERMARK_RUNGS', exitCode: 2 },
      message: 'renditions are marked from 360 lines on, and the largest of this title has 180',
    });
    expect(logged.slice(events).join('')).not.toMatch(/"stage":"(probe|encode)"/);
  });

  it('is refused before anything is encoded where there is no key', async () => {
    const file = process.env['HULLCAST_WATERMARK_KEY_FILE'];
    delete process.env['HULLCAST_WATERMARK_KEY_FILE'];
    await expect(encoded('none', { enabled: true })).rejects.toMatchObject({
      code: 'WATERMARK_KEY',
      exitCode: 2,
    });
    process.env['HULLCAST_WATERMARK_KEY_FILE'] = file;
  });
});
