import type { JSX } from 'preact';
import type { LiveState } from '../live/follow.js';
import { type Route, routeHref } from '../route.js';
import { Icon } from './icons.js';
import { ThemeButton } from './theme.js';

const LIVE = {
  connecting: { icon: 'live', text: 'Connecting…' },
  live: { icon: 'live', text: 'Live' },
  waiting: { icon: 'lost', text: 'Reconnecting…' },
  refused: { icon: 'lost', text: 'Not live' },
} as const;

function LiveSign({ live }: { live: LiveState }): JSX.Element {
  const { icon, text } = LIVE[live.kind];
  const why = 'why' in live ? live.why : undefined;
  return (
    <span class="live" data-live={live.kind} title={why}>
      <Icon name={icon} />
      {text}
    </span>
  );
}

function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M3 20C4 11 9 5.5 21 4" />
      <circle cx="3.6" cy="16.5" r="2.1" />
      <circle cx="8.2" cy="8.9" r="2.1" />
      <circle cx="19.5" cy="4.3" r="2.1" />
    </svg>
  );
}

/** Jumps past the header. (A link to #main would change the route.) */
function SkipLink(): JSX.Element {
  return (
    <a
      class="skip"
      href="#main"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}
    >
      Skip to the content
    </a>
  );
}

/** The top of every page. */
export function Header(props: {
  route: Route;
  live: LiveState | undefined;
  /** Undefined where nobody is signed in. */
  onSignOut: (() => void) | undefined;
}): JSX.Element {
  const { route, live, onSignOut } = props;
  const inTitles = route.page !== 'cluster' && route.page !== 'unknown';
  return (
    <header class="top">
      <SkipLink />
      <div class="top-inner">
        <a class="brand" href={routeHref({ page: 'titles', query: {} })}>
          <Logo />
          hullcast
        </a>
        {onSignOut && (
          <nav aria-label="Main">
            <a
              href={routeHref({ page: 'titles', query: {} })}
              aria-current={inTitles ? (route.page === 'titles' ? 'page' : 'true') : undefined}
            >
              Titles
            </a>
            <a
              href={routeHref({ page: 'cluster' })}
              aria-current={route.page === 'cluster' ? 'page' : undefined}
            >
              Cluster
            </a>
          </nav>
        )}
        <div class="top-end">
          {onSignOut && live && <LiveSign live={live} />}
          <ThemeButton />
          {onSignOut && (
            <button type="button" class="quiet" onClick={onSignOut}>
              Sign out
            </button>
          )}
        </div>
      </div>
    </header>
  );
}
