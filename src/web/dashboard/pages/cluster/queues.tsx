import type { JSX } from 'preact';
import { grouped } from '../../../../report/browser.js';
import type { QueueDepth } from '../../../../services/contract/schema.js';
import { Bar } from '../../parts/bar.js';
import { type Column, Table } from '../../parts/table.js';

/** How many jobs every stage has. */
export function Queues({ queues }: { queues: readonly QueueDepth[] }): JSX.Element {
  if (queues.length === 0) return <p class="muted">There are no queues.</p>;
  const deepest = Math.max(1, ...queues.map(({ waiting }) => waiting));
  const columns: Column<QueueDepth>[] = [
    { label: 'Stage', heads: true, cell: ({ stage }) => stage },
    {
      label: 'Waiting',
      cell: ({ waiting }) => (
        <span class="load">
          <Bar share={waiting / deepest} condition="active" />
          <span>{grouped(waiting)}</span>
        </span>
      ),
    },
    { label: 'Active', numeric: true, cell: ({ active }) => grouped(active) },
    { label: 'Delayed', numeric: true, cell: ({ delayed }) => grouped(delayed) },
  ];
  return (
    <Table
      className="queues"
      caption="Queues"
      columns={columns}
      rows={queues}
      rowKey={({ stage }) => stage}
    />
  );
}
