import { describe, expect, it } from 'vitest';
import { type TitleJob, came, childJob, stepName, totalsOf } from '../../src/pipeline/title-job.js';

const planned = (stage: string, key: string) => ({ stage, key, job: `${stage}.${key}`, params: {} });

describe('a step of a title', () => {
  it('counts what is done and what is waited for, stages in the order of their first job', () => {
    const done = new Map([
      ['chunk', 1],
      ['probe', 3],
    ]);
    expect(stepName([planned('probe', 'a'), planned('encode', 'b'), planned('probe', 'c')], done)).toEqual([
      { stage: 'chunk', jobs: 1, done: 1 },
      { stage: 'probe', jobs: 5, done: 3 },
      { stage: 'encode', jobs: 1, done: 0 },
    ]);
  });

  it('has children whose ids are the same in every process', () => {
    const parent = {
      data: { title: 't-1', priority: 5, sinceMs: 0, step: [] },
      queueQualifiedName: 'hullcast:title',
    };
    const key = 'f'.repeat(64);
    const child = childJob(parent, planned('probe', key), { attempts: 8, retryDelayMs: 1000 });
    expect(child.opts.jobId).toBe(`t-1.probe.${'f'.repeat(24)}`);
    expect(child.opts.parent).toEqual({ id: 't-1', queue: 'hullcast:title' });
    expect(child.data).toEqual({ title: 't-1', stage: 'probe', job: `probe.${key}`, key, params: {} });
  });

  it('is due by when the title came, or else by when its job was added', () => {
    const data = { title: 't-1', priority: 7, sinceMs: 500, step: [] };
    expect(came({ data, timestamp: 900 })).toEqual({ priority: 7, sinceMs: 500 });
    const { sinceMs: _, ...old } = data;
    expect(came({ data: old as unknown as TitleJob, timestamp: 900 })).toEqual({ priority: 7, sinceMs: 900 });
  });

  it('adds up what its children took', () => {
    const totals = totalsOf({
      'hullcast:probe:t-1.probe.a': { key: 'a', cached: false, spent: 1.5 },
      'hullcast:probe:t-1.probe.b': { key: 'b', cached: true, spent: 0 },
      'hullcast:chunk:t-1.chunk.c': { key: 'c', cached: false, spent: 2 },
    });
    expect(totals).toEqual({
      spent: { probe: 1.5, chunk: 2 },
      computed: { probe: 1, chunk: 1 },
      cacheHits: 1,
    });
  });
});
