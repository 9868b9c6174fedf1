import type { JSX } from 'preact';
import { age, ago } from '../state/words.js';
import { useNow } from './use-now.js';

/** A time as its distance from now, `12 min ago`; the exact time by pointing at it. */
export function When({ time, short = false }: { time: string; short?: boolean }): JSX.Element {
  const now = useNow();
  return (
    <time class="nowrap" dateTime={time} title={new Date(time).toLocaleString()}>
      {short ? age(time, now) : ago(time, now)}
    </time>
  );
}
