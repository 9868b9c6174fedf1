import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerVerify } from '../../src/cli/verify.js';
import { RULES } from '../../src/conformance/index.js';
import { type CliRun, cli } from './terminal.js';

let folder: string;

/** A stream of MPEG-TS, two segments of 10 s and 125 kB. */
async function putStream(name: string, edit: (text: string) => string = (text) => text): Promise<void> {
  const root = join(folder, name);
  await mkdir(root, { recursive: true });
  const master =
    '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=100000,RESOLUTION=640x360,CODECS="avc1.64001f,mp4a.40.2"\nmedia.m3u8\n';
  const media =
    '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n1.ts\n#EXTINF:10.0,\n2.ts\n#EXT-X-ENDLIST\n';
  await writeFile(join(root, 'master.m3u8'), edit(master));
  await writeFile(join(root, 'media.m3u8'), edit(media));
  for (const segment of ['1.ts', '2.ts']) await writeFile(join(root, segment), Buffer.alloc(125_000, 0x47));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-verify-'));
  await putStream('good');
  await putStream('slow', (text) => text.replace(',BANDWIDTH', 'BANDWIDTH').replaceAll('=100000', '=50000'));
  await putStream('plain', (text) => text.replace(/,CODECS="[^"]*"/, ''));
  await putStream('long', (text) => text.replaceAll('#EXTINF:10.0', '#EXTINF:10.6'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function verify(...argv: string[]): Promise<CliRun> {
  return cli(['verify', ...argv], { commands: [registerVerify], cwd: folder });
}

describe('hullcast verify', () => {
  it('says that a stream breaks no rule', async () => {
    for (const name of ['good', 'good/master.m3u8', join(folder, 'good')]) {
      const { code, stdout, stderr } = await verify(name);
      expect([code, stdout.text]).toEqual([
        0,
        expect.stringMatching(/^\d+ rules applied to 4 files: no findings\.\n$/),
      ]);
      expect(stderr.text).toMatch(/^conformance: started\nconformance: done, 1 job in \d+ s\n$/);
    }
  });

  it('lists what is broken by rule, with what it asks, where, and what was found', async () => {
    const { code, stdout, stderr } = await verify('slow');
    expect(code).toBe(4);
    const [average, bandwidth, summary] = stdout.text.split('\n\n');
    expect(average).toMatch(
      /^HLS-AVERAGE-BANDWIDTH {2}error {2}1 finding\n {2}AVERAGE-BANDWIDTH is .* \(RFC 8216, .*\)\n {4}master\.m3u8:2: expected 100000 bit\/s, found 50000$/,
    );
    expect(bandwidth).toMatch(/^HLS-BANDWIDTH {2}error {2}1 finding\n/);
    expect(summary).toMatch(/^\d+ rules applied to 4 files: 2 errors\.\n$/);
    expect(stderr.text).toContain('error VERIFY_FINDINGS: the stream breaks rules: 2 errors\nhint: ');
  });

  it('leaves rules out that are not wanted', async () => {
    const both = await verify('slow', '--ignore', 'HLS-BANDWIDTH', '--ignore', 'HLS-AVERAGE-BANDWIDTH');
    expect([both.code, both.stdout.text]).toEqual([0, expect.stringContaining('no findings')]);
    expect((await verify('slow', '--ignore', 'HLS-BANDWIDTH,HLS-AVERAGE-BANDWIDTH')).code).toBe(0);
    expect((await verify('slow', '--ignore', 'HLS-BANDWIDTH')).code).toBe(4);
  });

  it('fails for warnings only where it is asked to', async () => {
    const { code, stdout } = await verify('plain');
    expect([code, stdout.text]).toEqual([
      0,
      expect.stringContaining('HLS-CODECS-MISSING  warning  1 finding'),
    ]);
    expect(stdout.text).toMatch(/4 files: 1 warning\.\n$/);
    expect((await verify('plain', '--strict')).code).toBe(4);
  });

  it("applies a profile's rules to streams that do not claim to follow it", async () => {
    const { code, stdout } = await verify('good', '--profile', 'apple');
    expect(code).toBe(4);
    expect(stdout.text).toContain('APPLE-IFRAMES  error');
  });

  it('tells JSON lines, a finding each, and the counts', async () => {
    const { code, stdout, stderr } = await verify('long', '--json');
    expect([code, stderr.text]).toEqual([4, expect.stringContaining('error VERIFY_FINDINGS')]);
    const lines = stdout.json().filter(({ type }) => type !== 'stage');
    expect(lines.map(({ type }) => type)).toEqual(['finding', 'finding', 'verify', 'error']);
    expect(lines[0]).toEqual({
      ...{ type: 'finding', rule: 'HLS-TARGETDURATION', severity: 'error', file: 'media.m3u8', line: 5 },
      ...{ expected: '10 s at most', found: '10.6 s' },
    });
    expect(lines[2]).toEqual({
      ...{ type: 'verify', ok: false, target: 'long', rules: expect.any(Number) as number, files: 4 },
      ...{ errors: 2, warnings: 0, counts: { 'HLS-TARGETDURATION': 2 } },
    });
    expect(lines[3]).toMatchObject({ code: 'VERIFY_FINDINGS', exitCode: 4 });
  });

  it('lists its rules, without a stream', async () => {
    const { code, stdout } = await verify('--rules');
    expect(code).toBe(0);
    for (const { id, asks } of RULES) {
      expect(stdout.text).toContain(`${id} (`);
      expect(stdout.text).toContain(asks);
    }
    const json = await verify('--rules', '--json');
    expect(json.stdout.json().map(({ type, id }) => [type, id])).toEqual(RULES.map(({ id }) => ['rule', id]));
  });

  it('says where there is nothing to check', async () => {
    const { code, stdout, stderr } = await verify('none');
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toContain('error VERIFY_NO_MANIFEST: none cannot be read (ENOENT)\nhint: ');
    expect((await verify('ftp://x/y.mpd')).stderr.text).toContain('error VERIFY_URL: ');
  });

  it('ends when it is stopped', async () => {
    const signals = new EventEmitter();
    const run = cli(['verify', 'good'], { commands: [registerVerify], cwd: folder, signals });
    signals.emit('SIGINT');
    const { code, stderr } = await run;
    expect([code, stderr.text]).toEqual([130, expect.stringContaining('error CANCELLED')]);
  });
});
