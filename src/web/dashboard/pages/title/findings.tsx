import type { JSX } from 'preact';
import { clock, fpsNumber } from '../../../../report/browser.js';
import { Badge } from '../../parts/badge.js';
import { type Column, Table } from '../../parts/table.js';
import type { ReportFinding } from '../../state/report.js';

const ICONS = { info: 'info', warning: 'warning', error: 'failed' } as const;
const ORDER = ['error', 'warning', 'info'];

function place({ startFrame, endFrame }: ReportFinding, fps: number): string {
  if (startFrame === undefined) return 'whole title';
  const from = clock(startFrame / fps);
  const to = endFrame === undefined ? from : clock(endFrame / fps);
  return from === to ? from : `${from}–${to}`;
}

/** What ingest found about the master, the gravest first. */
export function Findings({
  findings,
  fps,
}: {
  findings: readonly ReportFinding[];
  fps: string;
}): JSX.Element {
  if (findings.length === 0) return <p class="muted">Nothing was found.</p>;
  const perSecond = fpsNumber(fps);
  const columns: Column<ReportFinding>[] = [
    { label: 'Finding', heads: true, cell: ({ code }) => <code>{code}</code> },
    {
      label: 'Severity',
      cell: ({ severity }) => <Badge kind={severity} icon={ICONS[severity]} text={severity} />,
    },
    { label: 'Where', className: 'nowrap', cell: (finding) => place(finding, perSecond) },
    { label: 'What it says', className: 'wide-text', cell: ({ message }) => message },
  ];
  const rows = [...findings].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <Table
      className="findings"
      caption="Findings on the master"
      columns={columns}
      rows={rows}
      rowKey={(finding) => `${finding.code} ${finding.startFrame ?? ''} ${finding.message}`}
    />
  );
}
