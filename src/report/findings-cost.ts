import { duration, grouped, plural, timecode } from './format.js';
import { type Markup, type Part, html } from './markup.js';
import type { Report } from './schema.js';
import { bar, table } from './table.js';

const SEVERITY_ORDER = { error: 0, warning: 1, info: 2 } as const;

export function findingsTable(report: Report): Markup {
  if (report.master.findings.length === 0) return html`<p>Nothing was found wrong with the master.</p>`;
  const where = (start: number | undefined, end: number | undefined): Part => {
    if (start === undefined) return 'whole title';
    const last = end ?? start + 1;
    const code = html`<span class="code"
      >${timecode(start, report.title.fps)} – ${timecode(last, report.title.fps)}</span
    >`;
    return html`${code} (frames ${start} to ${last - 1})`;
  };
  const columns = ['Severity', 'Code', 'Where', 'Message'].map((head) => ({ head, text: true }));
  const rows = [...report.master.findings]
    .sort(
      (a, b) =>
        SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
        (a.startFrame ?? -1) - (b.startFrame ?? -1),
    )
    .map((finding) => [
      html`<span class="badge ${finding.severity}">${finding.severity}</span>`,
      html`<code>${finding.code}</code>`,
      where(finding.startFrame, finding.endFrame),
      finding.message,
    ]);
  return table('Findings', columns, rows);
}

/** CPU time by stage, most first, with bars. */
export function costTable(report: Report): Markup {
  const stages = Object.entries(report.cost.cpuSeconds).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  const most = Math.max(...stages.map(([, seconds]) => seconds), 1e-9);
  const columns = [
    { head: 'Stage', text: true },
    { head: 'CPU time' },
    { head: 'Share' },
    { head: 'Against the largest', text: true },
  ];
  const rows = stages.map(([stage, seconds]) => [
    stage,
    duration(seconds),
    total > 0 ? `${((100 * seconds) / total).toFixed(1)}%` : '',
    bar(0, seconds / most, `${stage}: ${duration(seconds)}`),
  ]);
  return table('CPU time by stage', columns, [
    ...rows,
    [html`<strong>all</strong>`, duration(total), '', ''],
  ]);
}

/** One line on the cost, for the head of the page. */
export function costSummary(report: Report): string {
  const { cost, title } = report;
  const cpu = Object.values(cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
  const ratio = cpu / title.durationSeconds;
  return (
    `${duration(cost.wallSeconds)} elapsed, ${duration(cpu)} of CPU (${grouped(ratio, ratio < 10 ? 1 : 0)} s for each second of the title), ` +
    `${plural(cost.encodes, 'encode')}, ${plural(cost.cacheHits, 'cache hit')}`
  );
}
