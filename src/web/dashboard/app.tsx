import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { createApi } from './api/client.js';
import { saveToken, savedToken } from './api/session.js';
import type { LiveState } from './live/follow.js';
import { ClusterPage } from './pages/cluster/cluster-page.js';
import { PlayPage } from './pages/play/play-page.js';
import { SignInPage } from './pages/sign-in-page.js';
import { TitlePage } from './pages/title/title-page.js';
import { TitlesPage } from './pages/titles/titles-page.js';
import { UnknownPage } from './pages/unknown-page.js';
import { useAnnouncer } from './parts/announcer.js';
import { AppContext } from './parts/context.js';
import { Header } from './parts/header.js';
import { focusHeading } from './parts/page.js';
import { type Route, parseRoute } from './route.js';

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = (): void => setHash(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
}

function Page({ route }: { route: Route }): JSX.Element {
  switch (route.page) {
    case 'titles':
      return <TitlesPage query={route.query} />;
    case 'title':
      return <TitlePage key={route.id} id={route.id} />;
    case 'play':
      return <PlayPage key={route.id} id={route.id} />;
    case 'cluster':
      return <ClusterPage />;
    case 'unknown':
      return <UnknownPage />;
  }
}

/** What the page is, whatever its filters are: the focus moves where this changes. */
function placeOf(route: Route): string {
  return 'id' in route ? `${route.page} ${route.id}` : route.page;
}

/** The dashboard: asks for a token, then shows the page that the address names. */
export function App(): JSX.Element {
  const route = useRoute();
  const [token, setToken] = useState(savedToken);
  const [refused, setRefused] = useState(false);
  const [live, showLive] = useState<LiveState>();
  const { announcer, announce } = useAnnouncer();

  const signOut = useCallback((wasRefused: boolean) => {
    saveToken(undefined);
    setToken(undefined);
    setRefused(wasRefused);
  }, []);
  const app = useMemo(
    () =>
      token === undefined ? undefined : { api: createApi(token, () => signOut(true)), announce, showLive },
    [token, announce, signOut],
  );

  const place = app ? placeOf(route) : 'sign-in';
  const first = useRef(true);
  useEffect(() => {
    // Who has just opened the page begins at its top, as on any page.
    if (!first.current && place !== 'sign-in') {
      scrollTo(0, 0);
      focusHeading();
    }
    first.current = false;
  }, [place]);

  return (
    <>
      <Header route={route} live={live} onSignOut={app && (() => signOut(false))} />
      <main id="main" tabIndex={-1}>
        {app ? (
          <AppContext.Provider value={app}>
            <Page route={route} />
          </AppContext.Provider>
        ) : (
          <SignInPage
            refused={refused}
            onToken={(given) => {
              saveToken(given);
              setRefused(false);
              setToken(given);
            }}
          />
        )}
      </main>
      {announcer}
    </>
  );
}
