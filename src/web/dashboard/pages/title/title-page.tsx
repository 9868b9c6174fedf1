import type { JSX } from 'preact';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { StateBadge } from '../../parts/badge.js';
import { Loading, PageHeading, Section } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { FullStages } from '../../parts/stages.js';
import { routeHref } from '../../route.js';
import { hasEnded } from '../../state/titles.js';
import { Actions } from './actions.js';
import { Deliveries } from './deliveries.js';
import { Facts } from './facts.js';
import { TitleFailures } from './failures.js';
import { Outcome } from './outcome.js';
import { type LiveTitle, useTitle } from './use-title.js';

const LIST = routeHref({ page: 'titles', query: {} });

function Progress({ title, progress }: Pick<LiveTitle, 'progress'> & { title: ApiTitle }): JSX.Element {
  return (
    <Section id="progress" heading="Progress">
      {progress && progress.stages.length > 0 ? (
        <FullStages progress={progress} />
      ) : (
        <p class="muted">
          {title.state === 'queued' ? 'It waits for its turn.' : 'Nothing has been heard of its jobs yet.'}
        </p>
      )}
    </Section>
  );
}

function TitleError({ error }: { error: NonNullable<ApiTitle['error']> }): JSX.Element {
  return (
    <Section id="error" heading="Why it failed">
      <div class="problem">
        <p class="problem-heading">
          <code>{error.code}</code>
        </p>
        <p>{error.message}</p>
        {error.hint && <p>{error.hint}</p>}
      </div>
    </Section>
  );
}

function Gone({ id, live }: { id: string; live: LiveTitle }): JSX.Element {
  return (
    <>
      <PageHeading text={live.title?.name ?? 'No such title'} />
      <p>
        {live.deleted ? 'This title was deleted.' : `There is no title ${id}: it was deleted, or never was.`}{' '}
        <a href={LIST}>All titles</a>
      </p>
    </>
  );
}

function Content({ title, live }: { title: ApiTitle; live: LiveTitle }): JSX.Element {
  return (
    <div class="columns">
      <div class="column-main">
        {title.error && <TitleError error={title.error} />}
        {!hasEnded(title) && <Progress title={title} progress={live.progress} />}
        {title.result && <Outcome title={title} result={title.result} />}
        <TitleFailures title={title} version={live.version} />
        <Deliveries title={title} version={live.version} />
      </div>
      <Facts title={title} />
    </div>
  );
}

/** One title: what it is, how far it is, what came out of it. */
export function TitlePage({ id }: { id: string }): JSX.Element {
  const live = useTitle(id);
  const { title, error, reload } = live;
  if (live.deleted || (error?.status === 404 && !title)) return <Gone id={id} live={live} />;
  return (
    <>
      <p class="crumbs">
        <a href={LIST}>Titles</a>
      </p>
      <PageHeading text={title?.name ?? 'Title'}>
        {title && <StateBadge state={title.state} />}
        {title && <Actions title={title} onChanged={reload} />}
      </PageHeading>
      {error && <ProblemBox heading="The title could not be loaded" error={error} onRetry={reload} />}
      {!title && !error && <Loading what="the title" />}
      {title && <Content title={title} live={live} />}
    </>
  );
}
