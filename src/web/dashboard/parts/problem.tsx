import type { JSX } from 'preact';
import type { ApiError } from '../api/error.js';
import { Icon } from './icons.js';

/** What a token lacks where the server says 403 without a hint. */
const FORBIDDEN = 'The token you signed in with has not the scope that this needs.';

/** Why something could not be shown or done: what the server says, its code, what to do, and where its log has more. */
export function ProblemBox(props: {
  heading: string;
  error: ApiError;
  onRetry?: (() => void) | undefined;
}): JSX.Element {
  const { error, onRetry } = props;
  const { problem } = error;
  const hint = problem?.hint ?? (error.status === 403 ? FORBIDDEN : undefined);
  return (
    <div class="problem" role="alert">
      <p class="problem-heading">
        <Icon name="warning" /> {props.heading}
      </p>
      <p>{error.message}</p>
      {problem?.errors?.map(({ path, message }) => (
        <p key={path}>
          <code>{path}</code>: {message}
        </p>
      ))}
      {hint && <p>{hint}</p>}
      {problem && (
        <p class="muted small">
          <code>{problem.code}</code>, error id <code>{problem.errorId}</code>
        </p>
      )}
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
