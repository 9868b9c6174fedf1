import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { createMetrics } from '../../src/services/metrics/index.js';
import { STAGES } from '../../src/title/index.js';

/** Something in deploy/ that asks Prometheus. */
export interface Expression {
  /** Where it stands, for people. */
  where: string;
  expr: string;
}

const read = (path: string): string => readFileSync(resolve('deploy', path), 'utf8');

export interface Alert {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export function alerts(): Alert[] {
  const { groups } = parse(read('prometheus/alerts.yaml')) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

export function dashboard(): { panels: Panel[]; templating: { list: { definition?: string }[] } } {
  return JSON.parse(read('grafana/hullcast.json')) as ReturnType<typeof dashboard>;
}

export interface ScaledObject {
  metadata: { name: string };
  spec: {
    scaleTargetRef: { name: string };
    triggers: { metadata: { query: string; threshold: string } }[];
  };
}

export function scaledObjects(): ScaledObject[] {
  return parseAllDocuments(read('kubernetes/autoscaling.yaml')).map((doc) => doc.toJS() as ScaledObject);
}

/** Every query of the dashboard, the alerts and the autoscaler; Grafana's variables have values. */
export function expressions(): Expression[] {
  const panels = dashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      where: `panel ${title}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$stage', '.*'),
    })),
  );
  const rules = alerts().map(({ alert, expr }) => ({ where: `alert ${alert}`, expr }));
  const scalers = scaledObjects().flatMap(({ metadata, spec }) =>
    spec.triggers.map((trigger) => ({ where: `scaler ${metadata.name}`, expr: trigger.metadata.query })),
  );
  return [...panels, ...rules, ...scalers];
}

export interface KnownMetric {
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  help: string;
  labelNames: string[];
}

/** Every metric that hullcast's processes show. */
export function knownMetrics(): KnownMetric[] {
  const stages = STAGES.map(({ name }) => name);
  const { registry } = createMetrics({ version: '0', stages, slots: 1, onError: () => undefined });
  return registry.getMetricsAsArray().map((metric) => {
    const { name, type, help, labelNames } = metric as unknown as KnownMetric;
    return { name, type, help, labelNames };
  });
}

/** Names of the time series that a metric has. */
export function seriesOf({ name, type }: KnownMetric): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}
