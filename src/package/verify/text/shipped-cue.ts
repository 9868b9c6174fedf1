import { type Cue, cueParts } from '../../../text/index.js';

/** A cue as it was found in segments, its settings and payload as they stand there. Milliseconds. */
export interface ShippedCue {
  start: number;
  end: number;
  settings: string;
  text: string;
}

export function shippedCue(cue: Cue): ShippedCue {
  return { start: cue.start, end: cue.end, ...cueParts(cue) };
}

/** Equal for equal cues alone. */
export const keyOf = (cue: ShippedCue): string =>
  JSON.stringify([cue.start, cue.end, cue.settings, cue.text]);

/** A cue in few words, for findings. */
export const describe = ({ start, end, text }: ShippedCue): string =>
  `${start}–${end} ms ${JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)}`;

/** What one list has and the other has not, each cue as often as it is there. */
export function difference(
  wanted: readonly ShippedCue[],
  found: readonly ShippedCue[],
): { missing: ShippedCue[]; surplus: ShippedCue[] } {
  const left = new Map<string, number>();
  for (const cue of found) left.set(keyOf(cue), (left.get(keyOf(cue)) ?? 0) + 1);
  const take = (cue: ShippedCue): boolean => {
    const count = left.get(keyOf(cue)) ?? 0;
    if (count > 0) left.set(keyOf(cue), count - 1);
    return count > 0;
  };
  const missing = wanted.filter((cue) => !take(cue));
  const surplus = found.filter((cue) => (left.get(keyOf(cue)) ?? 0) > 0);
  return { missing, surplus };
}
