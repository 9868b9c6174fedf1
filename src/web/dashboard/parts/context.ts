import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from '../api/client.js';
import type { LiveState } from '../live/follow.js';

/** What every page may use. */
export interface App {
  api: Api;
  /** Has a screen reader say something when it is idle. */
  announce: (text: string) => void;
  /** Shows in the header how the page's live connection stands; undefined where the page has none. */
  showLive: (state: LiveState | undefined) => void;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('used outside of the app');
  return app;
}
