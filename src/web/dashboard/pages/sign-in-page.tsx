import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { createApi } from '../api/client.js';
import { type ApiError, asApiError } from '../api/error.js';
import { PageHeading } from '../parts/page.js';
import { ProblemBox } from '../parts/problem.js';

/** Visible ASCII, what a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Asks for an access token and tries it. */
export function SignInPage(props: { refused: boolean; onToken: (token: string) => void }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const [wrong, setWrong] = useState(props.refused ? 'The server does not accept the token any more.' : '');

  // There is nothing else to do here.
  useEffect(() => field.current?.focus(), []);

  const signIn = async (): Promise<void> => {
    const token = text.trim();
    setError(undefined);
    if (!TOKEN.test(token))
      return setWrong(
        token === '' ? 'Enter a token.' : 'This is not a token: it has characters that no token has.',
      );
    setWrong('');
    setBusy(true);
    try {
      await createApi(token, () => undefined).titles({}, 1, new AbortController().signal);
      props.onToken(token);
    } catch (failure) {
      const given = asApiError(failure);
      if (given?.status === 401) setWrong('The server does not know this token, or it has expired.');
      else setError(given);
      setBusy(false);
    }
  };

  return (
    <div class="sign-in">
      <PageHeading text="Sign in" />
      <p class="muted">
        With an access token: the scope <code>read</code> shows everything here, <code>submit</code> lets you
        cancel, retry and delete titles. It is kept until you close the tab.
      </p>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void signIn();
        }}
      >
        <label for="token">Access token</label>
        <input
          ref={field}
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={text}
          aria-invalid={wrong ? 'true' : undefined}
          aria-describedby={wrong ? 'token-wrong' : undefined}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {wrong && (
          <p id="token-wrong" class="field-error" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" class="primary">
          {busy ? 'One moment…' : 'Sign in'}
        </button>
      </form>
      {error && <ProblemBox heading="Signing in did not work" error={error} />}
    </div>
  );
}
