import { useCallback, useEffect, useReducer, useRef } from 'preact/hooks';
import type { ApiError } from '../../api/error.js';
import { useApp } from '../../parts/context.js';
import { useLive } from '../../parts/use-live.js';
import { useResource } from '../../parts/use-resource.js';
import { type TitlesQuery, searchText } from '../../route.js';
import {
  NO_TITLES,
  type TitlePage,
  type TitlesAction,
  type TitlesState,
  foldTitles,
} from '../../state/titles.js';

export const PAGE_SIZE = 50;

export interface Titles extends TitlesState {
  error: ApiError | undefined;
  /** True while another page than the one that is shown is loaded. */
  busy: boolean;
  reload: () => void;
}

interface Shown {
  /** The query whose page is shown. */
  key: string | undefined;
  state: TitlesState;
}

interface Action {
  query: TitlesQuery;
  actions: readonly TitlesAction[];
}

/** Words about another query than the one shown are dropped: its page brings them along. */
function reduce(shown: Shown, { query, actions }: Action): Shown {
  const key = searchText({ ...query });
  return actions.reduce<Shown>((before, action) => {
    if (action.kind === 'event' && before.key !== key) return before;
    const state = foldTitles(before.state, action, query, PAGE_SIZE);
    return { key: action.kind === 'page' ? key : before.key, state };
  }, shown);
}

/** A page of titles, kept up to date by events. The former page stays until the next one is there. */
export function useTitles(query: TitlesQuery, onChange: () => void): Titles {
  const { api } = useApp();
  const key = searchText({ ...query });
  const [shown, dispatch] = useReducer(reduce, { key: undefined, state: NO_TITLES });
  const resource = useResource<TitlePage>(key, (signal) => api.titles(query, PAGE_SIZE, signal));
  const latest = useRef(query);
  latest.current = query;

  const { data, reload } = resource;
  useEffect(() => {
    if (data) dispatch({ query: latest.current, actions: [{ kind: 'page', page: data }] });
  }, [data]);

  const onOpen = useCallback(() => {
    reload();
    onChange();
  }, [reload, onChange]);
  useLive(undefined, {
    onOpen,
    onMessages: (messages) => {
      dispatch({ query: latest.current, actions: messages });
      if (messages.some(({ kind }) => kind === 'event')) onChange();
    },
  });

  const isOther = shown.key !== key;
  return {
    // What could not be loaded is not shown by something else in its place.
    page: isOther && resource.error ? undefined : shown.state.page,
    progress: shown.state.progress,
    error: resource.error,
    busy: isOther && !resource.error,
    reload,
  };
}
