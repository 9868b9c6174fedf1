import { endText, runningParts } from './format.js';
import type { Report } from './reporter.js';

/** One line of text for output that is no terminal, e.g. `probe: 45%, 12/28 jobs, 118 frames/s, 1 min 20 s left`. */
export function plainLine({ kind, view }: Report): string {
  if (kind === 'ended') return `${view.stage}: ${endText(view)}`;
  if (kind === 'started') return `${view.stage}: started`;
  return `${view.stage}: ${runningParts(view)
    .map((part) => part.trim())
    .join(', ')}`;
}
