import type { JSX } from 'preact';
import type { StageFailure } from '../../../services/contract/schema.js';
import { routeHref } from '../route.js';
import { Badge } from './badge.js';
import { CopyBlock } from './copy.js';
import { When } from './when.js';

function Failure({ failure, linked }: { failure: StageFailure; linked: boolean }): JSX.Element {
  return (
    <details class="failure">
      <summary>
        <span class="failure-head">
          <strong>{failure.stage}</strong> <code>{failure.code}</code>
          {failure.willRetry ? (
            <Badge kind="warning" icon="warning" text="will be tried again" />
          ) : (
            <Badge kind="failed" icon="failed" text="gave up" />
          )}
          <span class="muted">
            <When time={failure.at} />
          </span>
        </span>
        <span class="failure-message">{failure.message}</span>
      </summary>
      <p class="small">
        {linked && (
          <>
            Title <a href={routeHref({ page: 'title', id: failure.title })}>{failure.title}</a>,{' '}
          </>
        )}
        job <code class="breakable">{failure.job}</code>
      </p>
      {failure.command !== undefined && <CopyBlock label="Command" text={failure.command} />}
      {failure.stderr !== undefined && <CopyBlock label="Its last lines" text={failure.stderr} />}
      {failure.command === undefined && failure.stderr === undefined && (
        <p class="muted">No program was at fault: there is no command and no output.</p>
      )}
    </details>
  );
}

/** Stage runs that failed, with what was run and what it said. */
export function FailureList(props: {
  failures: readonly StageFailure[];
  /** Whether each names its title. */
  linked: boolean;
}): JSX.Element {
  return (
    <ul class="failures">
      {props.failures.map((failure) => (
        <li key={`${failure.job} ${failure.at}`}>
          <Failure failure={failure} linked={props.linked} />
        </li>
      ))}
    </ul>
  );
}
