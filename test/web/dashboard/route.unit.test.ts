import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { titleSchema } from '../../../src/services/api/index.js';
import { type Route, STATES, parseRoute, routeHref, searchText } from '../../../src/web/dashboard/route.js';

describe('routes', () => {
  it.each<[string, Route]>([
    ['', { page: 'titles', query: {} }],
    ['#/', { page: 'titles', query: {} }],
    ['#/titles', { page: 'titles', query: {} }],
    [
      '#/titles?state=failed&externalId=a%20b&cursor=x',
      { page: 'titles', query: { state: 'failed', externalId: 'a b', cursor: 'x' } },
    ],
    ['#/titles?state=nonsense', { page: 'titles', query: {} }],
    ['#/titles/abc', { page: 'title', id: 'abc' }],
    ['#/titles/a%2Fb', { page: 'title', id: 'a/b' }],
    ['#/titles/abc/play', { page: 'play', id: 'abc' }],
    ['#/cluster', { page: 'cluster' }],
    ['#/titles/abc/other', { page: 'unknown' }],
    ['#/titles/abc/play/on', { page: 'unknown' }],
    ['#/titles/%', { page: 'unknown' }],
    ['#/titles/', { page: 'unknown' }],
    ['#/cluster/x', { page: 'unknown' }],
    ['#/nothing', { page: 'unknown' }],
  ])('%s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it('every route comes back from its address', () => {
    const text = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((id) => id.trim() !== '');
    const query = fc.record(
      { state: fc.constantFrom(...STATES), externalId: text, cursor: text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.record({ page: fc.constant('titles' as const), query }),
          fc.record({ page: fc.constantFrom('title' as const, 'play' as const), id: text }),
          fc.constant({ page: 'cluster' as const }),
        ),
        (route) => {
          expect(parseRoute(routeHref(route))).toEqual(route);
        },
      ),
    );
  });

  it('knows every state of the API', () => {
    expect([...STATES].sort()).toEqual([...titleSchema.shape.state.options].sort());
  });

  it('leaves out what is not given', () => {
    expect(searchText({ state: undefined, externalId: 'a&b', limit: 50 })).toBe('?externalId=a%26b&limit=50');
    expect(searchText({})).toBe('');
  });
});
