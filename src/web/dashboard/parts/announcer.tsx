import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** Screen readers are told at most this often. */
const PAUSE_MS = 1500;
/** Of what waits to be said, this much of the newest is. */
const MOST = 3;

/** A live region that says things one after the other, and drops what is old when too much happens. */
export function useAnnouncer(): { announcer: JSX.Element; announce: (text: string) => void } {
  const [said, setSaid] = useState('');
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const sayNext = useCallback(() => {
    timer.current = undefined;
    if (waiting.current.length === 0) return;
    setSaid(waiting.current.join('. '));
    waiting.current = [];
    timer.current = setTimeout(sayNext, PAUSE_MS);
  }, []);
  const announce = useCallback(
    (text: string) => {
      waiting.current = [...waiting.current.filter((other) => other !== text), text].slice(-MOST);
      // Not at once: what belongs together is said together.
      timer.current ??= setTimeout(sayNext, 100);
    },
    [sayNext],
  );
  useEffect(() => () => clearTimeout(timer.current), []);

  return {
    announcer: (
      <div class="visually-hidden" role="status" aria-live="polite" id="announcer">
        {said}
      </div>
    ),
    announce,
  };
}
