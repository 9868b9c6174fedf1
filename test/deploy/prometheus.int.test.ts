import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createMetrics } from '../../src/services/metrics/index.js';
import { alerts, expressions } from './expressions.js';

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-promtool-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs Prometheus' own tool; gives what it says, and throws where it finds fault. */
async function promtool(...args: string[]): Promise<string> {
  const { stdout } = await run('promtool', args);
  return stdout;
}

interface ScrapeConfig {
  job_name: string;
  kubernetes_sd_configs?: unknown;
  relabel_configs?: { target_label?: string }[];
}
interface PrometheusConfig {
  scrape_configs: ScrapeConfig[];
}

async function config(name: string): Promise<PrometheusConfig> {
  return parse(await readFile(resolve('deploy/prometheus', name), 'utf8')) as PrometheusConfig;
}

describe('deploy/prometheus', () => {
  it('alerts.yaml is accepted by Prometheus', async () => {
    expect(await promtool('check', 'rules', resolve('deploy/prometheus/alerts.yaml'))).toContain(
      `SUCCESS: ${alerts().length} rules found`,
    );
  });

  it('alerts fire where they should, and not where they nearly would', async () => {
    expect(await promtool('test', 'rules', resolve('test/deploy/alerts.test.yaml'))).toContain('SUCCESS');
  });

  it('each alert is seen firing, and seen not firing', async () => {
    const { tests } = parse(await readFile(resolve('test/deploy/alerts.test.yaml'), 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const cases = tests.flatMap((test) => test.alert_rule_test);
    const seen = (fires: boolean): string[] => [
      ...new Set(cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map((c) => c.alertname)),
    ];
    const names = alerts().map(({ alert }) => alert);
    expect(seen(true).toSorted()).toEqual(names.toSorted());
    // Of this one the test shows a stage that is served, beside the one that is not.
    expect([...seen(false), 'HullcastStageNotServed'].toSorted()).toEqual(names.toSorted());
  });

  it('prometheus.yaml is accepted, with the rules beside it', async () => {
    const answer = await promtool('check', 'config', resolve('deploy/prometheus/prometheus.yaml'));
    expect(answer).toContain('1 rule files found');
  });

  it('kubernetes.yaml is accepted, but for the discovery, which is not built into every promtool', async () => {
    const { scrape_configs, ...rest } = await config('kubernetes.yaml');
    const without = scrape_configs.map(({ kubernetes_sd_configs, ...scrape }) => {
      expect(kubernetes_sd_configs).toBeDefined();
      return { ...scrape, static_configs: [{ targets: ['127.0.0.1:9090'] }] };
    });
    const path = join(folder, 'kubernetes.yaml');
    await writeFile(path, stringify({ ...rest, rule_files: [], scrape_configs: without }));
    expect(await promtool('check', 'config', path)).toContain('SUCCESS');
  });

  it('both give targets the names that the alerts go by', async () => {
    const compose = (await config('prometheus.yaml')).scrape_configs.map(({ job_name }) => job_name);
    expect(compose).toEqual(['hullcast-control', 'hullcast-worker']);
    const [scrape] = (await config('kubernetes.yaml')).scrape_configs;
    expect(scrape!.relabel_configs).toContainEqual(
      expect.objectContaining({ target_label: 'job', replacement: 'hullcast-$1' }),
    );
  });
});

describe('every query of dashboard, alerts and autoscaler', () => {
  it('can be read by Prometheus', async () => {
    const rules = expressions().map(({ expr }, i) => ({ record: `query:number_${i}`, expr }));
    const path = join(folder, 'queries.yaml');
    await writeFile(path, stringify({ groups: [{ name: 'queries', rules }] }));
    expect(await promtool('check', 'rules', path)).toContain(`SUCCESS: ${rules.length} rules found`);
    const broken = join(folder, 'broken.yaml');
    const bad = { record: 'query:broken', expr: `${rules[0]!.expr} by (` };
    await writeFile(broken, stringify({ groups: [{ name: 'queries', rules: [bad] }] }));
    await expect(promtool('check', 'rules', broken)).rejects.toThrow(); // so the check above can fail
  });
});

/** What promtool finds fault with in a text of metrics. */
function faults(metrics: string): Promise<string[]> {
  return new Promise((done, fail) => {
    const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.once('error', fail).once('exit', () => done(text.split('\n').filter((line) => line !== '')));
    child.stdin.end(metrics);
  });
}

describe('the metrics of hullcast', () => {
  it('are such as Prometheus wants them: units, suffixes, help', async () => {
    const metrics = createMetrics({ version: '1', stages: ['encode'], slots: 1, onError: () => undefined });
    const found = await faults(await metrics.text());
    // Names of Node's own metrics are prom-client's.
    expect(found.filter((line) => !line.startsWith('nodejs_'))).toEqual([]);
    expect(await faults('# TYPE hullcast_jobs counter\nhullcast_jobs 1\n')).not.toEqual([]);
  });
});
