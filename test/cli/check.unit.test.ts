import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerCheck } from '../../src/cli/check.js';
import { MAX_REPORT_BYTES, reportOf } from '../../src/cli/check/read-report.js';
import { changeText, comparisonTable, toleranceText } from '../../src/cli/check/table.js';
import { HullcastError } from '../../src/errors.js';
import type { Comparison, Report } from '../../src/report/index.js';
import { exampleReport } from '../report/example.js';
import { type CliRun, cli } from './terminal.js';

let folder: string;

/** The same with other bits: bits are whole numbers. */
function scaled(report: Report, factor: number): Report {
  const renditions = report.renditions.map((one) => ({
    ...one,
    bits: Math.round(one.bits * factor),
    averageBitrate: one.averageBitrate * factor,
  }));
  return { ...report, renditions };
}

const BASELINE = exampleReport();
BASELINE.cost.cacheHits = 0;
const LARGER = scaled(BASELINE, 1.05);

const write = (name: string, content: unknown): Promise<void> =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-check-'));
  await mkdir(join(folder, 'title'));
  await mkdir(join(folder, 'bare'));
  await write('baseline.json', BASELINE);
  await write('larger.json', LARGER);
  await write('title/report.json', BASELINE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const check = (...argv: string[]): Promise<CliRun> =>
  cli(['check', ...argv], { commands: [registerCheck], cwd: folder });

describe('comparisonTable', () => {
  const row = (fields: Partial<Comparison>): Comparison => ({
    check: 'bd-rate',
    codec: 'h264',
    baseline: 8,
    now: 1,
    unit: '%',
    change: 5,
    tolerance: 1,
    result: 'fail',
    ...fields,
  });
  const top = { check: 'top-p5', unit: 'VMAF', baseline: 91.026, now: 90.5, tolerance: 1 } as const;
  const cost = { check: 'cost', codec: null, baseline: 1343.68, now: 12, tolerance: 25 } as const;

  it('has a line for each comparison, and below it what one should know', () => {
    const comparisons = [
      row({ note: 'over VMAF 49.3 to 94.7, which both ladders reach' }),
      row({ check: 'size', baseline: 34_000_000, now: 35_700_000, tolerance: 2.5 }),
      row({ ...top, change: -0.526, result: 'pass' }),
      row({ ...cost, change: null, result: 'skipped', note: 'no cost' }),
    ];
    expect(comparisonTable({ comparisons, notices: ['ffmpeg: a in the baseline, b now'] })).toBe(
      [
        'check              baseline         now  change  tolerance  result',
        'h264 bd-rate        8 rungs      1 rung  +5.00%        +1%  fail',
        'h264 size           4.25 MB     4.46 MB  +5.00%      +2.5%  fail',
        'h264 top-p5           91.03       90.50   -0.53         -1  pass',
        'cost          1,343.7 CPU s  12.0 CPU s       –       +25%  skipped',
        '',
        'h264 bd-rate: over VMAF 49.3 to 94.7, which both ladders reach',
        'cost: no cost',
        'note: ffmpeg: a in the baseline, b now',
      ].join('\n'),
    );
  });

  it('is the table alone where there is nothing to know', () => {
    const text = comparisonTable({ comparisons: [row({ change: 0, result: 'pass' })], notices: [] });
    expect(text.split('\n')).toHaveLength(2);
  });

  it('passes on no control characters', () => {
    const comparisons = [row({ codec: '\u001b[2Jh264\n' })];
    expect(comparisonTable({ comparisons, notices: [] })).toMatch(/^check .*\n\[2Jh264 bd-rate .*$/);
  });

  it.each([
    [0, '0.00%', '0.00'],
    [-0.001, '0.00%', '0.00'],
    [12.345, '+12.35%', '+12.35'],
    [-3, '-3.00%', '-3.00'],
    [null, '–', '–'],
  ])('a change of %d', (change, percent, vmaf) => {
    expect(changeText({ change, unit: '%' })).toBe(percent);
    expect(changeText({ change, unit: 'VMAF' })).toBe(vmaf);
  });

  it.each([
    [0, '0%', '0'],
    [1.5, '+1.5%', '-1.5'],
  ])('a tolerance of %d', (tolerance, percent, vmaf) => {
    expect(toleranceText({ tolerance, unit: '%' })).toBe(percent);
    expect(toleranceText({ tolerance, unit: 'VMAF' })).toBe(vmaf);
  });
});

describe('hullcast check', () => {
  it('ends with 0 where nothing changed, and says so', async () => {
    const { code, stdout, stderr } = await check('baseline.json', '--baseline', 'baseline.json');
    expect(stderr.text).toBe('');
    expect(code).toBe(0);
    const lines = stdout.text.split('\n');
    expect(lines.filter((line) => line.endsWith('  pass'))).toHaveLength(6);
    expect(stdout.text).toMatch(/\n\nNo regression\.\n$/);
  });

  it('takes folders of titles', async () => {
    for (const argv of [
      ['title', '--baseline', 'baseline.json'],
      ['baseline.json', '--baseline', 'title/'],
      [join(folder, 'title'), '--baseline', 'title'],
    ]) {
      expect((await check(...argv)).code).toBe(0);
    }
  });

  it('ends with 4 where something became worse, with the table and what failed', async () => {
    const { code, stdout, stderr } = await check('larger.json', '--baseline', 'baseline.json');
    expect(code).toBe(4);
    expect(stdout.text).toMatch(/^h264 bd-rate .* \+5\.00% +\+1% {2}fail$/m);
    expect(stdout.text).toMatch(/^h264 size .* \+5\.00% +\+2% {2}fail$/m);
    expect(stdout.text).not.toContain('No regression');
    expect(stderr.text).toMatch(
      /^error CHECK_REGRESSED: 2 of 6 checks failed: h264 bd-rate \+5\.00% \(tolerance \+1%\), h264 size \+5\.00% \(tolerance \+2%\)\nhint: .+\n$/,
    );
  });

  it('goes by the tolerances given; what became better passes', async () => {
    const tolerant = ['--max-bd-rate', '5.01', '--max-size', '5.01'];
    expect((await check('larger.json', '--baseline', 'baseline.json', ...tolerant)).code).toBe(0);
    expect((await check('baseline.json', '--baseline', 'larger.json')).code).toBe(0);
    const costly = structuredClone(BASELINE);
    costly.cost.cpuSeconds['encode']! *= 20;
    for (const chunk of costly.renditions[0]!.chunks) chunk.vmaf.mean -= 2;
    await write('costly.json', costly);
    const failing = await check('costly.json', '--baseline', 'baseline.json');
    expect(failing.stderr.text).toMatch(/: 2 of 6 checks failed: h264 top-chunk -2\.00 .*, cost \+/);
    const rest = ['--max-drop', '2.01', '--max-cost', '1000'];
    expect((await check('costly.json', '--baseline', 'baseline.json', ...rest)).code).toBe(0);
  });

  it('ends with 4 and a code of its own where ladders cannot be compared', async () => {
    const single = { ...BASELINE, renditions: BASELINE.renditions.slice(0, 1) };
    await write('single.json', single);
    const { code, stdout, stderr } = await check('single.json', '--baseline', 'baseline.json');
    expect(code).toBe(4);
    expect(stdout.text).toMatch(/^h264 bd-rate .*8 rungs .*1 rung .*–.* not comparable$/m);
    expect(stderr.text).toMatch(
      /^error CHECK_NOT_COMPARABLE: cannot be compared: h264 bd-rate: a curve needs/,
    );
    // Where something became worse too, that is said first, and the rest is not kept back.
    const both = await check('larger.json', '--baseline', 'single.json');
    expect(both.code).toBe(4);
    expect(both.stderr.text).toMatch(/^error CHECK_REGRESSED: .*size.*; cannot be compared: h264 bd-rate: /);
  });

  it('ends with 2 for reports of different masters', async () => {
    await write('other.json', { ...BASELINE, master: { ...BASELINE.master, sha256: 'ab'.repeat(32) } });
    const { code, stdout, stderr } = await check('other.json', '--baseline', 'baseline.json');
    expect(code).toBe(2);
    expect(stdout.text).toBe('');
    expect(stderr.text).toMatch(
      /^error CHECK_MISMATCH: the reports are not of the same thing: master \(SHA-256\): [0-9a-f]{16}… in the baseline, (ab){8}… now\n/,
    );
    expect(stderr.text).toContain('\nhint: ');
  });

  it('says that results from an earlier run have no cost, and does not fail for it', async () => {
    await write('cached.json', { ...BASELINE, cost: { ...BASELINE.cost, cacheHits: 51 } });
    const { code, stdout } = await check('cached.json', '--baseline', 'baseline.json');
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^cost .* skipped$/m);
    expect(stdout.text).toMatch(/^cost: this title took 51 results from an earlier run/m);
  });
});

describe('hullcast check --json', () => {
  it('gives a line for each notice and each figure, and ends with the verdict', async () => {
    await write('node.json', { ...BASELINE, tools: { ...BASELINE.tools, node: 'v22' } });
    const { code, stdout, stderr } = await check('node.json', '--baseline', 'title', '--json');
    expect([code, stderr.text]).toEqual([0, '']);
    const lines = stdout.json();
    expect(lines[0]).toEqual({
      type: 'notice',
      message: 'Node.js: v20.20.0 in the baseline, v22 now',
    });
    expect(lines.slice(1, -1).map(({ type, check: name, codec }) => [type, name, codec])).toEqual([
      ...['bd-rate', 'size', 'top-mean', 'top-p5', 'top-chunk'].map((name) => ['comparison', name, 'h264']),
      ['comparison', 'cost', null],
    ]);
    expect(lines[2]).toEqual({
      ...{ type: 'comparison', check: 'size', codec: 'h264' },
      baseline: BASELINE.renditions.reduce((sum, { bits }) => sum + bits, 0),
      now: BASELINE.renditions.reduce((sum, { bits }) => sum + bits, 0),
      ...{ unit: '%', change: 0, tolerance: 2, result: 'pass', note: null },
    });
    expect(lines.at(-1)).toEqual({
      ...{ type: 'verdict', ok: true, report: 'node.json', baseline: 'title' },
      ...{ failed: [], notComparable: [] },
    });
  });

  it('ends with the error after the verdict where the check does not pass', async () => {
    const { code, stdout } = await check('larger.json', '--baseline', 'baseline.json', '--json');
    expect(code).toBe(4);
    expect(stdout.json().slice(-2)).toMatchObject([
      { type: 'verdict', ok: false, failed: ['h264 bd-rate', 'h264 size'], notComparable: [] },
      { type: 'error', code: 'CHECK_REGRESSED', exitCode: 4 },
    ]);
    const lost = await check('single.json', '--baseline', 'baseline.json', '--json');
    expect(lost.stdout.json().slice(-2)).toMatchObject([
      { type: 'verdict', ok: false, failed: [], notComparable: ['h264 bd-rate'] },
      { type: 'error', code: 'CHECK_NOT_COMPARABLE', exitCode: 4 },
    ]);
  });
});

describe('what is no report', () => {
  const refused = async (code: string, message: string, ...argv: string[]): Promise<void> => {
    const run = await check(...argv);
    expect(run.code).toBe(2);
    expect(run.stdout.text).toBe('');
    expect(run.stderr.text).toContain(`error ${code}: ${message}`);
    expect(run.stderr.text).toContain('\nhint: ');

    expect(run.stderr.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  };

  it.each([
    ['CHECK_NO_REPORT', 'nothing.json does not exist', 'nothing.json'],
    ['CHECK_NO_REPORT', 'bare/report.json does not exist: the folder holds no title', 'bare'],
    ['CHECK_NO_REPORT', 'baseline.json/x cannot be read (ENOTDIR)', 'baseline.json/x'],
    ['CHECK_NO_REPORT', '/dev/zero is not a file', '/dev/zero'],
  ])('%s: %s', async (code, message, name) => {
    await refused(code, message, name, '--baseline', 'baseline.json');
    await refused(code, message, 'baseline.json', '--baseline', name);
  });

  it.each([
    ['CHECK_NOT_A_REPORT', 'x.json is not JSON: ', ''],
    ['CHECK_NOT_A_REPORT', 'x.json is not JSON: ', 'hello\u001b[31m\nworld'],
    ['CHECK_NOT_A_REPORT', 'x.json is not JSON: ', JSON.stringify(BASELINE).slice(0, -1)],
    ['CHECK_NOT_A_REPORT', 'x.json is not JSON: ', '['.repeat(1_000_000)],
    ['CHECK_NOT_A_REPORT', 'x.json is not a valid report: the report: ', '[]'],
    ['CHECK_NOT_A_REPORT', 'x.json is not a valid report: the report: ', 'null'],
    ['CHECK_NOT_A_REPORT', 'x.json is not a valid report: schemaVersion: ', '{}'],
    ['CHECK_NOT_A_REPORT', 'x.json is not a valid report: renditions: ', { ...BASELINE, renditions: [] }],
    ['CHECK_NOT_A_REPORT', 'x.json is not a valid report: the report: ', { ...BASELINE, '\u001b[31m': 1 }],
    [
      'CHECK_REPORT_VERSION',
      'x.json is a report of version 2, and this hullcast reads version 1',
      { ...BASELINE, schemaVersion: 2, more: 'fields' },
    ],
  ])('%s: %s %#', async (code, message, content) => {
    await write('x.json', content);
    await refused(code, message, 'x.json', '--baseline', 'baseline.json');
    await refused(code, message, 'baseline.json', '--baseline', 'x.json');
  });

  it('a file that is too large is not read', async () => {
    await write('huge.json', '');
    await truncate(join(folder, 'huge.json'), MAX_REPORT_BYTES + 1);
    await refused('CHECK_NOT_A_REPORT', 'huge.json has 268 MB', 'huge.json', '--baseline', 'baseline.json');
  });

  it('is told as JSON too', async () => {
    const { code, stdout } = await check('nothing.json', '--baseline', 'baseline.json', '--json');
    expect(code).toBe(2);
    expect(stdout.json()).toMatchObject([{ type: 'error', code: 'CHECK_NO_REPORT', exitCode: 2 }]);
  });

  it('is refused in one of these ways, whatever it holds', () => {
    const valid = structuredClone(BASELINE) as unknown as Record<string, unknown>;
    const spoiled = fc
      .tuple(fc.constantFrom(...Object.keys(valid)), fc.jsonValue())
      .map(([key, value]) => JSON.stringify({ ...valid, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), spoiled), (text) => {
        try {
          reportOf(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(HullcastError);
          expect((error as HullcastError).code).toMatch(/^CHECK_(NOT_A_REPORT|REPORT_VERSION)$/);
          expect((error as HullcastError).exitCode).toBe(2);
          return;
        }
        // What is taken has the schema's shape; nothing was thrown, so the text was a report.
        expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1 });
      }),
    );
  });
});
