import type { JSX } from 'preact';
import { PageHeading } from '../parts/page.js';
import { routeHref } from '../route.js';

export function UnknownPage(): JSX.Element {
  return (
    <>
      <PageHeading text="No such page" />
      <p>
        The address names nothing here. <a href={routeHref({ page: 'titles', query: {} })}>All titles</a>
      </p>
    </>
  );
}
