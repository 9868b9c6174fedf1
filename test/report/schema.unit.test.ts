import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { MasterAudio, MasterText, MasterVideo, Finding } from '../../src/ingest/index.js';
import {
  type Report,
  parseReport,
  reportJsonSchema,
  reportSchema,
  schemaFile,
  withFieldTable,
} from '../../src/report/index.js';
import { exampleAudios, exampleProtection, exampleReport } from './example.js';

// What ingest gives must fit the report as it is, and the other way round: checked by the compiler.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const SAME: [
  Same<Report['master']['video'], MasterVideo>,
  Same<Report['master']['audio'][number], Omit<MasterAudio, 'packets'>>,
  Same<Report['master']['text'][number], Omit<MasterText, 'pictureStart'>>,
  Same<Report['master']['findings'][number], Finding>,
] = [true, true, true, true];

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(reportJsonSchema());

function changed(change: (report: Record<string, never>) => void): unknown {
  const copy = structuredClone(exampleReport()) as unknown as Record<string, never>;
  change(copy);
  return copy;
}

describe('report schema', () => {
  it.each([1, 5, 60])('takes a report of %i shots, by zod and by ajv', (shots) => {
    const report: unknown = JSON.parse(JSON.stringify(exampleReport({ shots })));
    expect(parseReport(report)).toEqual(report);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(SAME.every(Boolean)).toBe(true);
  });

  it('takes a chunk with a tune, and a report from before there were any', () => {
    const tuned = exampleReport();
    tuned.renditions[0]!.chunks[0]!.tune = 'plain';
    const older = exampleReport();
    for (const { complexity } of older.shots) {
      delete complexity.palette;
      delete complexity.unchanged;
    }
    for (const report of [tuned, older]) {
      expect(parseReport(structuredClone(report))).toEqual(report);
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  it('takes what it says of sound', () => {
    const report = exampleReport();
    report.audios = exampleAudios();
    report.master.audio[0]!.commentary = true;
    expect(parseReport(structuredClone(report))).toEqual(report);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  });

  it('takes what it says of an encrypted title', () => {
    const report = exampleReport();
    report.protection = exampleProtection(report);
    report.renditions[0]!.keyId = report.protection.keys[0]!.keyId;
    expect(parseReport(structuredClone(report))).toEqual(report);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  });

  const bad: [string, string, (report: never) => void][] = [
    ['an unknown field', 'the report', (r: { more: number }) => (r.more = 1)],
    ['an unknown field deep down', 'shots.0', (r: { shots: { more?: number }[] }) => (r.shots[0]!.more = 1)],
    ['a missing field', 'tools.libvmaf', (r: { tools: { libvmaf?: string } }) => delete r.tools.libvmaf],
    ['another version', 'schemaVersion', (r: { schemaVersion: number }) => (r.schemaVersion = 2)],
    ['a score above 100', 'probes.0.vmaf.mean', (r: Report) => (r.probes[0]!.vmaf.mean = 100.5)],
    ['a fraction of a frame', 'title.frames', (r: Report) => (r.title.frames = 1.5)],
    ['a rate that is no ratio', 'title.fps', (r: Report) => (r.title.fps = '24')],
    ['a short digest', 'master.sha256', (r: Report) => (r.master.sha256 = 'ab')],
    [
      'a key',
      'protection.keys.0',
      (r: Report) => {
        r.protection = exampleProtection(r);
        Object.assign(r.protection.keys[0]!, { key: '00'.repeat(16) });
      },
    ],
    ['no renditions', 'renditions', (r: Report) => (r.renditions = [])],
    ['a share above 1', 'shots.0.complexity.palette', (r: Report) => (r.shots[0]!.complexity.palette = 1.01)],
    [
      'an unknown tune',
      'renditions.0.chunks.0.tune',
      (r: Report) => (r.renditions[0]!.chunks[0]!.tune = 'film' as 'plain'),
    ],
    [
      'an unknown model',
      'renditions.0.vmaf.model',
      (r: Report) => (r.renditions[0]!.vmaf.model = 'vmaf_v2' as 'vmaf_v0.6.1'),
    ],
  ] as [string, string, (report: never) => void][];
  it.each(bad)('refuses %s', (_, where, change) => {
    const report = changed(change as (report: Record<string, never>) => void);
    expect(validate(report)).toBe(false);
    expect(() => parseReport(report)).toThrow(
      expect.objectContaining({
        code: 'REPORT_INVALID',
        message: expect.stringContaining(`: ${where}: `) as string,
      }),
    );
  });

  it('is what docs/ publishes', () => {
    expect(JSON.parse(readFileSync('docs/report.schema.json', 'utf8'))).toEqual(JSON.parse(schemaFile()));
    const markdown = readFileSync('docs/report.md', 'utf8');
    expect(withFieldTable(markdown)).toBe(markdown);
    expect(() => withFieldTable('no marks')).toThrow(/lacks/);
  });

  it('describes every field', () => {
    const bare: string[] = [];
    const walk = (node: Record<string, unknown>, path: string): void => {
      for (const [name, field] of Object.entries((node['properties'] ?? {}) as Record<string, never>)) {
        if (!(field as { description?: string }).description) bare.push(`${path}.${name}`);
        walk(field, `${path}.${name}`);
      }
      if (node['items']) walk(node['items'] as Record<string, unknown>, `${path}[]`);
    };
    walk(reportJsonSchema(), '');
    expect(bare).toEqual([]);
    expect(reportSchema.shape.title).toBeDefined();
  });
});
