import { useCallback, useEffect, useReducer } from 'preact/hooks';
import type { ApiError } from '../../api/error.js';
import { useApp } from '../../parts/context.js';
import { useLive } from '../../parts/use-live.js';
import { useResource } from '../../parts/use-resource.js';
import { NO_TITLE, type TitleAction, type TitleState, foldTitle } from '../../state/title.js';

export interface LiveTitle extends TitleState {
  error: ApiError | undefined;
  reload: () => void;
  /** Goes up whenever something happened to the title: what hangs on it is loaded again. */
  version: number;
}

type Numbered = TitleState & { version: number };

function reduce(state: Numbered, actions: readonly TitleAction[]): Numbered {
  const happened = actions.some(({ kind }) => kind === 'event');
  return { ...actions.reduce<TitleState>(foldTitle, state), version: state.version + (happened ? 1 : 0) };
}

/** A title, kept up to date by its events. */
export function useTitle(id: string): LiveTitle {
  const { api } = useApp();
  const [state, dispatch] = useReducer(reduce, { ...NO_TITLE, version: 0 });
  const { data, error, reload } = useResource(id, (signal) => api.title(id, signal));
  useEffect(() => {
    if (data) dispatch([{ kind: 'title', title: data }]);
  }, [data]);
  const onOpen = useCallback(() => reload(), [reload]);
  useLive(id, { onOpen, onMessages: dispatch });
  return { ...state, error, reload };
}
