import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/error.js';
import { ProblemBox } from './problem.js';

export interface Question {
  heading: string;
  text: string;
  /** Words of the button that does it, and of the one that does not. */
  yes: string;
  no: string;
  danger: boolean;
  act: () => Promise<void>;
}

/** Asks before something is done that cannot be taken back, does it, and says so where it did not work. */
export function Confirm(props: {
  question: Question;
  /** Closed without having done it. */
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const { question } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const done = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const act = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await question.act();
      done.current = true;
      dialog.current?.close();
    } catch (failure) {
      setError(asApiError(failure));
      setBusy(false);
    }
  };

  return (
    <dialog
      ref={dialog}
      aria-labelledby="confirm-heading"
      aria-describedby="confirm-text"
      // Escape asks to close it; what has been sent is waited for.
      onCancel={(event) => busy && event.preventDefault()}
      // Closing gives the focus back to where it was, so it comes before the dialog goes.
      onClose={() => (done.current ? props.onDone() : props.onClose())}
    >
      <h2 id="confirm-heading">{question.heading}</h2>
      <p id="confirm-text">{question.text}</p>
      {error && <ProblemBox heading="That did not work" error={error} />}
      <div class="actions">
        <button
          type="button"
          autofocus
          aria-disabled={busy ? 'true' : undefined}
          onClick={() => !busy && dialog.current?.close()}
        >
          {question.no}
        </button>
        <button
          type="button"
          class={question.danger ? 'danger' : 'primary'}
          aria-disabled={busy ? 'true' : undefined}
          onClick={() => {
            if (!busy) void act();
          }}
        >
          {busy ? 'One moment…' : question.yes}
        </button>
      </div>
    </dialog>
  );
}
