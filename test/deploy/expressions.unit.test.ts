import { describe, expect, it } from 'vitest';
import { alerts, dashboard, expressions, knownMetrics, scaledObjects, seriesOf } from './expressions.js';

/** Labels that Prometheus gives to what it scrapes, not hullcast. */
const TARGET_LABELS = ['job', 'instance'];

const series = new Map(
  knownMetrics().flatMap((metric) => {
    const labels = [...metric.labelNames, ...TARGET_LABELS, ...(metric.type === 'histogram' ? ['le'] : [])];
    return seriesOf(metric).map((name) => [name, new Set(labels)] as const);
  }),
);
series.set('up', new Set(TARGET_LABELS));

/** Names in an expression that look like time series; texts and the labels of `by (…)` and `on (…)` are none. */
function namesIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(/\b(?:by|on|ignoring|without)\s*\([^)]*\)/g, '');
  return [...new Set(bare.match(/\b(?:up|(?:hullcast|process|nodejs)_[a-z0-9_]+)\b/g) ?? [])];
}

/** Labels that an expression asks of each of its time series: in braces, and in the `by (…)` of what is around it. */
function selectorsIn(expr: string): { name: string; labels: string[] }[] {
  const matches = expr.matchAll(/\b(up|(?:hullcast|process|nodejs)_[a-z0-9_]+)\s*(?:\{([^}]*)\})?/g);
  return [...matches].map(([, name = '', selector = '']) => ({
    name,
    labels: [...selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map((match) => match[1]!),
  }));
}
const groupings = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap((match) =>
    match[1]!.split(',').map((l) => l.trim()),
  );

describe('what asks Prometheus', () => {
  it('is found: panels, alerts and scalers', () => {
    const all = expressions();
    for (const kind of ['panel', 'alert', 'scaler'])
      expect(all.filter(({ where }) => where.startsWith(kind)).length, kind).toBeGreaterThan(1);
    for (const { where, expr } of all) expect(namesIn(expr).length, `${where}: ${expr}`).toBeGreaterThan(0);
  });

  it.each(expressions().map(({ where, expr }) => [where, expr]))('%s: %s', (_, expr) => {
    const unknown = namesIn(expr).filter((name) => !series.has(name));
    expect(unknown, 'time series that no process shows').toEqual([]);
    for (const { name, labels } of selectorsIn(expr)) {
      const missing = labels.filter((label) => !series.get(name)!.has(label));
      expect(missing, `labels that ${name} does not have`).toEqual([]);
    }
    const any = new Set(namesIn(expr).flatMap((name) => [...series.get(name)!]));
    expect(
      groupings(expr).filter((label) => !any.has(label)),
      'labels grouped by',
    ).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('has panels with titles of their own, which do not lie on each other', () => {
    const panels = dashboard().panels as unknown as {
      id: number;
      title: string;
      gridPos: { x: number; y: number; w: number; h: number };
    }[];
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`), title).toBe(false);
          cells.add(`${x},${y}`);
        }
    }
  });

  it('shows every metric of hullcast', () => {
    const shown = new Set(
      expressions()
        .filter(({ where }) => where.startsWith('panel'))
        .flatMap(({ expr }) => namesIn(expr)),
    );
    const own = knownMetrics().filter(({ name }) => name.startsWith('hullcast_'));
    const left = own.filter((metric) => !seriesOf(metric).some((name) => shown.has(name)));
    // An alert tells of the first; the second is for who looks into a receiver that is slow.
    expect(left.map(({ name }) => name).toSorted()).toEqual([
      'hullcast_collect_errors_total',
      'hullcast_webhook_seconds',
    ]);
    const [variable] = dashboard().templating.list.flatMap(({ definition }) => definition ?? []);
    expect(variable).toBe('label_values(hullcast_jobs_total, stage)');
  });
});

describe('alerts', () => {
  it('have names of their own, a severity, and say what happened and why it matters', () => {
    const names = alerts().map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    for (const { alert, labels, annotations } of alerts()) {
      expect(alert).toMatch(/^Hullcast[A-Z]/);
      expect(['critical', 'warning']).toContain(labels['severity']);
      expect(Object.keys(annotations)).toEqual(['summary', 'description']);
    }
  });
});

describe('the autoscaler', () => {
  it('counts jobs that wait and jobs that run, once however many control planes tell of them', () => {
    for (const { spec } of scaledObjects())
      for (const { metadata } of spec.triggers) {
        expect(metadata.query).toContain('state=~"waiting|active"');
        expect(metadata.query.replaceAll(/\s+/g, ' ')).toMatch(/^sum\(max by \(stage, state\) \(/);
      }
  });
});
