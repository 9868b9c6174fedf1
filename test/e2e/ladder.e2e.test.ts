import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { titleMaster } from '../../fixtures/title.js';
import { type Report, parseReport } from '../../src/report/index.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder, name);
let master: string;

beforeAll(async () => {
  master = await titleMaster();
});

async function encode(out: string, ...flags: string[]): Promise<Report> {
  const result = await cli(['encode', master, '--out', at(out), ...LEAN, ...flags], { home: at('home') });
  expect(result.exitCode, result.stderr).toBe(0);
  return parseReport(JSON.parse(await readFile(join(at(out), 'report.json'), 'utf8')));
}

const bitrateOf = ({ bits, frames }: Report['renditions'][number], fps: number): number =>
  (bits * fps) / frames;

describe('a ladder as asked for', () => {
  test('rungs have their sizes, reach their VMAF and keep to their bit rate', async () => {
    const { renditions, title, master: facts } = await encode('rungs', '--rungs', '180p@vmaf=70,270p@400k');
    const fps = title.frames / title.durationSeconds;
    const small = renditions.find(({ height }) => height === 180)!;
    const large = renditions.find(({ height }) => height === 270)!;
    expect(renditions).toHaveLength(2);
    expect(small.vmaf.mean).toBeGreaterThan(69.5);
    expect(small.vmaf.mean).toBeLessThan(73);
    expect(bitrateOf(large, fps)).toBeLessThanOrEqual(400_000);
    expect(bitrateOf(large, fps)).toBeGreaterThan(0.85 * 400_000);
    expect(facts.findings.map(({ code }) => code)).not.toContain('rung-missed');
  });

  test('one crf a rung where shots are not told apart, at the heights that are named', async () => {
    const flags = ['--allocate', 'title', '--resolutions', '1080,180'];
    const { renditions, master: facts } = await encode('uniform', ...flags);
    expect(renditions.length).toBeGreaterThan(2);
    for (const { height, chunks } of renditions) {
      expect(height).toBe(180);
      expect(new Set(chunks.map(({ crf }) => crf)).size).toBe(1);
    }
    expect(facts.findings.map(({ code }) => code)).toContain('resolution-left-out');
  });

  test('a rung larger than the master is refused before anything is encoded', async () => {
    const result = await cli(
      ['encode', master, '--out', at('large'), '--rungs', '2160p@5M', '--json', ...LEAN],
      { home: at('home') },
    );
    expect(result.exitCode).toBe(2);
    const lines = result.lines();
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'RUNG_TOO_LARGE', exitCode: 2 });
    expect(lines.map(({ stage }) => stage)).not.toContain('chunk');
    expect(existsSync(at('large'))).toBe(false);
  });
});
