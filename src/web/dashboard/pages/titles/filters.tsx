import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../parts/icons.js';
import { STATES, type TitlesQuery, routeHref } from '../../route.js';

interface FiltersProps {
  query: TitlesQuery;
  /** Number of titles by state; undefined where it is not known. */
  counts: Readonly<Record<string, number>> | undefined;
}

const hrefOf = (query: TitlesQuery): string => routeHref({ page: 'titles', query });

function StateLinks({ query, counts }: FiltersProps): JSX.Element {
  const { externalId } = query;
  const rest = externalId === undefined ? {} : { externalId };
  const total = counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <nav aria-label="Titles by state">
      <ul class="filters">
        <li>
          <a href={hrefOf(rest)} aria-current={query.state === undefined ? 'true' : undefined}>
            all
            {total !== undefined && <span class="count">{total}</span>}
          </a>
        </li>
        {STATES.map((state) => (
          <li key={state}>
            <a href={hrefOf({ ...rest, state })} aria-current={query.state === state ? 'true' : undefined}>
              <Icon name={state} />
              {state}
              {counts && <span class="count">{counts[state] ?? 0}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Search({ query }: { query: TitlesQuery }): JSX.Element {
  const [text, setText] = useState(query.externalId ?? '');
  useEffect(() => setText(query.externalId ?? ''), [query.externalId]);
  const search = (externalId: string): void => {
    const { state } = query;
    location.hash = hrefOf({ ...(state ? { state } : {}), ...(externalId ? { externalId } : {}) });
  };
  return (
    <form
      role="search"
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(text.trim());
      }}
    >
      <label for="external-id">External id</label>
      <div class="search-field">
        <input
          id="external-id"
          type="search"
          value={text}
          maxLength={200}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit">Search</button>
        {query.externalId !== undefined && (
          <button type="button" onClick={() => search('')}>
            Clear
          </button>
        )}
      </div>
    </form>
  );
}

/** Which titles are listed: by state, by the id that their submitter knows them by. */
export function Filters(props: FiltersProps): JSX.Element {
  return (
    <div class="filter-bar">
      <StateLinks {...props} />
      <Search query={props.query} />
    </div>
  );
}
