import type { JSX } from 'preact';
import type { WorkerInfo } from '../../../../services/contract/schema.js';
import { Badge } from '../../parts/badge.js';
import { Bar } from '../../parts/bar.js';
import { type Column, Table } from '../../parts/table.js';
import { useNow } from '../../parts/use-now.js';
import { When } from '../../parts/when.js';
import { routeHref } from '../../route.js';

/** A worker that has said nothing for this long may be gone. */
const SILENT_MS = 30_000;

function Condition({ worker }: { worker: WorkerInfo }): JSX.Element {
  const silent = useNow() - Date.parse(worker.lastSeenAt) > SILENT_MS;
  if (silent) return <Badge kind="warning" icon="warning" text="silent" />;
  if (worker.draining) return <Badge kind="cancelling" icon="cancelling" text="draining" />;
  return worker.busy > 0 ? (
    <Badge kind="running" icon="running" text="working" />
  ) : (
    <Badge kind="queued" icon="queued" text="idle" />
  );
}

function Load({ worker: { busy, slots } }: { worker: WorkerInfo }): JSX.Element {
  return (
    <span class="load">
      <Bar share={slots > 0 ? busy / slots : 0} condition="active" />
      <span>
        {busy} of {slots}
      </span>
    </span>
  );
}

function Jobs({ worker: { jobs } }: { worker: WorkerInfo }): JSX.Element {
  if (jobs.length === 0) return <span class="muted">none</span>;
  return (
    <ul class="jobs">
      {jobs.map((job) => (
        <li key={job.job}>
          {job.stage} of <a href={routeHref({ page: 'title', id: job.title })}>{job.title}</a>{' '}
          <span class="muted">
            for <When time={job.startedAt} short />
          </span>
        </li>
      ))}
    </ul>
  );
}

const COLUMNS: Column<WorkerInfo>[] = [
  {
    label: 'Worker',
    heads: true,
    cell: ({ host, pid, version, id }) => (
      <span title={id}>
        {host}
        <span class="muted small sub">
          process {pid}, {version}
        </span>
      </span>
    ),
  },
  { label: 'Condition', cell: (worker) => <Condition worker={worker} /> },
  { label: 'Load', cell: (worker) => <Load worker={worker} /> },
  { label: 'Stages', className: 'wide-text', cell: ({ stages }) => stages.join(', ') },
  { label: 'Jobs', className: 'wide-text', cell: (worker) => <Jobs worker={worker} /> },
  { label: 'Last seen', cell: ({ lastSeenAt }) => <When time={lastSeenAt} /> },
];

/** Workers and what they are at. */
export function Workers({ workers }: { workers: readonly WorkerInfo[] }): JSX.Element {
  if (workers.length === 0) {
    return (
      <p class="muted">
        No worker is there: titles wait. Start one with <code>hullcast worker</code>.
      </p>
    );
  }
  return <Table caption="Workers" columns={COLUMNS} rows={workers} rowKey={({ id }) => id} />;
}
