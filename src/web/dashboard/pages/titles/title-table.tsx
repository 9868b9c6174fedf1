import type { JSX } from 'preact';
import { duration, plural } from '../../../../report/browser.js';
import type { ApiTitle, Progress } from '../../../../services/contract/schema.js';
import { StateBadge } from '../../parts/badge.js';
import { CompactStages } from '../../parts/stages.js';
import { type Column, Table } from '../../parts/table.js';
import { When } from '../../parts/when.js';
import { routeHref } from '../../route.js';
import { outcome, secondsBetween } from '../../state/words.js';

function Name({ title }: { title: ApiTitle }): JSX.Element {
  return (
    <>
      <a class="title-link" href={routeHref({ page: 'title', id: title.id })}>
        {title.name}
      </a>
      <span class="muted small sub">
        {title.externalId === undefined ? title.id : title.externalId}
        {title.profile !== 'default' && ` · ${title.profile}`}
        {title.attempt > 1 && ` · attempt ${title.attempt}`}
      </span>
    </>
  );
}

function Done({ title }: { title: ApiTitle }): JSX.Element | null {
  if (!title.result) return null;
  const seconds = secondsBetween(title.startedAt, title.finishedAt);
  return (
    <>
      {outcome(title.result)}
      <span class="muted small sub">
        {seconds !== undefined && `in ${duration(seconds)}`}
        {title.result.findings > 0 && ` · ${plural(title.result.findings, 'finding')}`}
      </span>
    </>
  );
}

/** What there is to say about how far a title is. */
function How({ title, progress }: { title: ApiTitle; progress: Progress | undefined }): JSX.Element | null {
  switch (title.state) {
    case 'queued':
      return <span class="muted">waits for its turn</span>;
    case 'running':
    case 'cancelling':
      if (progress && progress.stages.length > 0) return <CompactStages progress={progress} />;
      return <span class="muted">{title.state === 'running' ? 'begins' : 'its jobs are being ended'}</span>;
    case 'done':
      return <Done title={title} />;
    case 'failed':
      return (
        <>
          <code>{title.error?.code ?? 'unknown'}</code>
          <span class="muted small sub clipped">{title.error?.message}</span>
        </>
      );
    case 'cancelled':
      return null;
  }
}

/** Titles with their state and progress. */
export function TitleTable(props: {
  titles: readonly ApiTitle[];
  progress: Readonly<Record<string, Progress>>;
  caption: string;
  busy: boolean;
}): JSX.Element {
  const columns: Column<ApiTitle>[] = [
    { label: 'Title', heads: true, cell: (title) => <Name title={title} /> },
    { label: 'State', cell: ({ state }) => <StateBadge state={state} /> },
    { label: 'Priority', numeric: true, cell: ({ priority }) => priority },
    { label: 'Age', numeric: true, cell: ({ createdAt }) => <When time={createdAt} short /> },
    {
      label: 'Progress',
      className: 'progress-cell',
      cell: (title) => <How title={title} progress={props.progress[title.id]} />,
    },
  ];
  return (
    <Table
      className="titles"
      caption={props.caption}
      columns={columns}
      rows={props.titles}
      rowKey={({ id }) => id}
      busy={props.busy}
    />
  );
}
