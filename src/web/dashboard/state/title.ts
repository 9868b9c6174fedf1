import type { ApiEvent, ApiTitle, Progress } from '../../../services/contract/schema.js';
import { hasEnded, isNewer } from './titles.js';

export interface TitleState {
  title: ApiTitle | undefined;
  progress: Progress | undefined;
  /** True where somebody deleted it while it was shown. */
  deleted: boolean;
}

export const NO_TITLE: TitleState = { title: undefined, progress: undefined, deleted: false };

export type TitleAction =
  | { kind: 'title'; title: ApiTitle }
  | { kind: 'event'; event: ApiEvent }
  | { kind: 'progress'; progress: Progress };

function withTitle(state: TitleState, title: ApiTitle): TitleState {
  const known = state.title;
  if (known && !isNewer(title, known)) return state;
  // A new attempt counts its jobs from the beginning.
  const fresh = hasEnded(title) || (known !== undefined && known.attempt !== title.attempt);
  return { ...state, title, progress: fresh ? undefined : state.progress };
}

/** What is shown of one title after something happened to it. Pure. */
export function foldTitle(state: TitleState, action: TitleAction): TitleState {
  switch (action.kind) {
    case 'title':
      return withTitle(state, action.title);
    case 'event':
      if (action.event.type === 'title.deleted') return { ...state, deleted: true };
      return withTitle(state, action.event.data);
    case 'progress':
      return state.title && hasEnded(state.title) ? state : { ...state, progress: action.progress };
  }
}
