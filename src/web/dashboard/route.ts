import type { ApiTitle } from '../../services/contract/schema.js';

/** The states of a title, in the order in which people ask for them. */
export const STATES = [
  'running',
  'queued',
  'cancelling',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly ApiTitle['state'][];

/** What the list of titles shows. */
export interface TitlesQuery {
  state?: ApiTitle['state'];
  externalId?: string;
  /** Where the page begins, as the page before it said. */
  cursor?: string;
}

/** What the address names. Routes are in the fragment, so that any path of the server stays the server's. */
export type Route =
  | { page: 'titles'; query: TitlesQuery }
  | { page: 'title'; id: string }
  | { page: 'play'; id: string }
  | { page: 'cluster' }
  | { page: 'unknown' };

function queryOf(search: string): TitlesQuery {
  const given = new URLSearchParams(search);
  const state = STATES.find((candidate) => candidate === given.get('state'));
  const externalId = given.get('externalId');
  const cursor = given.get('cursor');
  return {
    ...(state ? { state } : {}),
    ...(externalId ? { externalId } : {}),
    ...(cursor ? { cursor } : {}),
  };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment) || undefined;
  } catch {
    return undefined; // not valid percent-encoding: names nothing
  }
}

/** The route of `location.hash`. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [first = '', second, third, ...more] = path.split('/');
  if (more.length > 0) return { page: 'unknown' };
  if (second === undefined) {
    if (first === '' || first === 'titles') return { page: 'titles', query: queryOf(search) };
    return first === 'cluster' ? { page: 'cluster' } : { page: 'unknown' };
  }
  const id = decoded(second);
  if (first !== 'titles' || id === undefined) return { page: 'unknown' };
  if (third === undefined) return { page: 'title', id };
  return third === 'play' ? { page: 'play', id } : { page: 'unknown' };
}

/** Parameters of a query as text, `?state=failed`; empty where there are none. */
export function searchText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => !!entry[1]);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

/** The address of a route, for `href`. */
export function routeHref(route: Exclude<Route, { page: 'unknown' }>): string {
  switch (route.page) {
    case 'titles':
      return `#/titles${searchText({ ...route.query })}`;
    case 'title':
      return `#/titles/${encodeURIComponent(route.id)}`;
    case 'play':
      return `#/titles/${encodeURIComponent(route.id)}/play`;
    case 'cluster':
      return '#/cluster';
  }
}
