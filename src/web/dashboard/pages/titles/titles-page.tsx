import type { JSX } from 'preact';
import { useCallback, useRef } from 'preact/hooks';
import { plural } from '../../../../report/browser.js';
import { useApp } from '../../parts/context.js';
import { Loading, PageHeading } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { useResource } from '../../parts/use-resource.js';
import { type TitlesQuery, routeHref } from '../../route.js';
import { Filters } from './filters.js';
import { TitleTable } from './title-table.js';
import { useTitles } from './use-titles.js';

/** Counts follow events, but a burst of them asks once. */
const COUNT_MS = 1000;

/** Number of titles by state; undefined until it is known, and where the token may not see it. */
function useCounts(): { counts: Readonly<Record<string, number>> | undefined; refresh: () => void } {
  const { api } = useApp();
  const { data, reload } = useResource('counts', (signal) => api.overview(signal));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      reload();
    }, COUNT_MS);
  }, [reload]);
  return { counts: data?.titles, refresh };
}

function Empty({ query }: { query: TitlesQuery }): JSX.Element {
  const filtered = query.state !== undefined || query.externalId !== undefined;
  if (!filtered) {
    return (
      <div class="empty">
        <p class="empty-heading">No titles yet</p>
        <p>
          Submit a master with <code>hullcast submit</code> or <code>POST /v1/titles</code>; it appears here
          at once.
        </p>
      </div>
    );
  }
  const what = [
    query.state && `in the state ${query.state}`,
    query.externalId !== undefined && `with the external id “${query.externalId}”`,
  ].filter(Boolean);
  return (
    <div class="empty">
      <p class="empty-heading">No titles {what.join(' and ')}</p>
      <p>
        <a href={routeHref({ page: 'titles', query: {} })}>Show all titles</a>
      </p>
    </div>
  );
}

function Pager({ query, next }: { query: TitlesQuery; next: string | undefined }): JSX.Element | null {
  if (query.cursor === undefined && next === undefined) return null;
  const { cursor, ...first } = query;
  return (
    <nav class="pager" aria-label="Pages of titles">
      {cursor !== undefined && <a href={routeHref({ page: 'titles', query: first })}>Newest titles</a>}
      {next !== undefined && (
        <a href={routeHref({ page: 'titles', query: { ...query, cursor: next } })}>Older titles</a>
      )}
    </nav>
  );
}

/** All titles, the newest first, live. */
export function TitlesPage({ query }: { query: TitlesQuery }): JSX.Element {
  const { counts, refresh } = useCounts();
  const { page, progress, error, busy, reload } = useTitles(query, refresh);
  return (
    <>
      <PageHeading text="Titles" />
      <Filters query={query} counts={counts} />
      {error && <ProblemBox heading="The titles could not be loaded" error={error} onRetry={reload} />}
      {page === undefined && !error && <Loading what="titles" />}
      {page?.titles.length === 0 && !busy && <Empty query={query} />}
      {page && page.titles.length > 0 && (
        <TitleTable
          titles={page.titles}
          progress={progress}
          busy={busy}
          caption={`${plural(page.titles.length, 'title')}, the newest first`}
        />
      )}
      {page && !busy && <Pager query={query} next={page.next} />}
    </>
  );
}
