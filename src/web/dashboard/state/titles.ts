import type { ApiEvent, ApiTitle, Progress } from '../../../services/contract/schema.js';
import type { TitlesQuery } from '../route.js';

/** A page of titles as the API gives it. */
export interface TitlePage {
  titles: ApiTitle[];
  next?: string | undefined;
}

export interface TitlesState {
  /** Undefined until the first page is there. */
  page: TitlePage | undefined;
  /** Progress of running titles, by id. */
  progress: Readonly<Record<string, Progress>>;
}

export const NO_TITLES: TitlesState = { page: undefined, progress: {} };

export type TitlesAction =
  | { kind: 'page'; page: TitlePage }
  | { kind: 'event'; event: ApiEvent }
  | { kind: 'progress'; progress: Progress };

const ENDS: ReadonlySet<ApiTitle['state']> = new Set(['done', 'failed', 'cancelled']);

/** True where nothing more happens to a title by itself. */
export function hasEnded(title: Pick<ApiTitle, 'state'>): boolean {
  return ENDS.has(title.state);
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}

/** Events come again after a loss: one that tells less than is known changes nothing. */
export function isNewer(title: ApiTitle, known: ApiTitle): boolean {
  return Date.parse(title.updatedAt) >= Date.parse(known.updatedAt);
}

function matches(title: ApiTitle, { state, externalId }: TitlesQuery): boolean {
  return (
    (state === undefined || title.state === state) &&
    (externalId === undefined || title.externalId === externalId)
  );
}

function withTitle(page: TitlePage, title: ApiTitle, query: TitlesQuery, limit: number): TitlePage {
  const known = page.titles.find(({ id }) => id === title.id);
  if (known && !isNewer(title, known)) return page;
  if (!matches(title, query)) {
    return known ? { ...page, titles: page.titles.filter(({ id }) => id !== title.id) } : page;
  }
  if (known) {
    return { ...page, titles: page.titles.map((other) => (other.id === title.id ? title : other)) };
  }
  // Only the first page has a place for what is newer than all it shows. What falls off its end is on the next one.
  const newest = page.titles[0];
  if (query.cursor !== undefined || (newest && newest.createdAt > title.createdAt)) return page;
  return { ...page, titles: [title, ...page.titles].slice(0, limit) };
}

function withEvent(state: TitlesState, event: ApiEvent, query: TitlesQuery, limit: number): TitlesState {
  const { page } = state;
  const over = event.type === 'title.deleted' || hasEnded(event.data);
  const progress = over ? without(state.progress, event.titleId) : state.progress;
  if (page === undefined) return { page, progress };
  if (event.type === 'title.deleted') {
    return { page: { ...page, titles: page.titles.filter(({ id }) => id !== event.titleId) }, progress };
  }
  return { page: withTitle(page, event.data, query, limit), progress };
}

/** The list after something happened. Pure; gives the same object where nothing that is shown has changed. */
export function foldTitles(
  state: TitlesState,
  action: TitlesAction,
  query: TitlesQuery,
  limit: number,
): TitlesState {
  switch (action.kind) {
    case 'page': {
      const ended = action.page.titles.filter(hasEnded).map(({ id }) => id);
      return {
        page: action.page,
        progress: ended.reduce<TitlesState['progress']>(without, state.progress),
      };
    }
    case 'event':
      return withEvent(state, action.event, query, limit);
    case 'progress': {
      const { progress } = action;
      const known = state.page?.titles.find(({ id }) => id === progress.titleId);
      // A late word on a title that has ended.
      if (known && hasEnded(known)) return state;
      return { ...state, progress: { ...state.progress, [progress.titleId]: progress } };
    }
  }
}
