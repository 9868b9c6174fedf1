import type { JSX } from 'preact';
import { grouped, plural } from '../../../../report/browser.js';
import type { Overview } from '../../../../services/contract/schema.js';
import { useApp } from '../../parts/context.js';
import { FailureList } from '../../parts/failure-list.js';
import { Loading, PageHeading, Section } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { useResource } from '../../parts/use-resource.js';
import { Queues } from './queues.js';
import { Workers } from './workers.js';

const EVERY_MS = 3000;

const sum = <T,>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

function Tiles({ overview }: { overview: Overview }): JSX.Element {
  const { workers, queues, queuesUnreachable, titles } = overview;
  const slots = sum(workers, (worker) => worker.slots);
  const busy = sum(workers, (worker) => worker.busy);
  const tiles = [
    { value: String(workers.length), text: workers.length === 1 ? 'worker' : 'workers' },
    { value: `${busy} / ${slots}`, text: 'slots busy' },
    {
      value: queuesUnreachable ? '?' : grouped(sum(queues, (queue) => queue.waiting)),
      text: 'jobs waiting',
    },
    { value: String(titles['running'] ?? 0), text: 'titles running' },
    { value: String(titles['queued'] ?? 0), text: 'titles queued' },
  ];
  return (
    <ul class="tiles">
      {tiles.map(({ value, text }) => (
        <li key={text}>
          <b>{value}</b> <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

function Content({ overview }: { overview: Overview }): JSX.Element {
  return (
    <>
      <Tiles overview={overview} />
      <Section id="workers" heading="Workers">
        <Workers workers={overview.workers} />
      </Section>
      <Section id="queues" heading="Queues">
        {overview.queuesUnreachable ? (
          <p class="muted">The queue cannot be reached: what waits in it is not known.</p>
        ) : (
          <Queues queues={overview.queues} />
        )}
      </Section>
      <Section
        id="failures"
        heading="Recent failures"
        note={
          overview.failures.length > 0 &&
          `The newest first: ${plural(overview.failures.length, 'failed run')}.`
        }
      >
        {overview.failures.length === 0 ? (
          <p class="muted">No stage has failed lately.</p>
        ) : (
          <FailureList failures={overview.failures} linked />
        )}
      </Section>
    </>
  );
}

/** The machines: who works, what waits, what went wrong. */
export function ClusterPage(): JSX.Element {
  const { api } = useApp();
  const { data, error, reload } = useResource('overview', (signal) => api.overview(signal), {
    everyMs: EVERY_MS,
  });
  return (
    <>
      <PageHeading text="Cluster">
        <a class="button" href="/admin/queues">
          Bull Board <span class="muted">(admins)</span>
        </a>
      </PageHeading>
      {error && (
        <ProblemBox heading="The state of the cluster could not be loaded" error={error} onRetry={reload} />
      )}
      {!data && !error && <Loading what="the cluster" />}
      {data && <Content overview={data} />}
    </>
  );
}
