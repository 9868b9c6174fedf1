import { HullcastError } from '../errors.js';
import { Notes } from './findings.js';
import { writeCueText } from './markup/webvtt.js';
import { readWebVtt } from './read/webvtt.js';
import { formatSettings } from './settings.js';
import { formatTime } from './time.js';
import type { Cue } from './types.js';

/** The settings and the payload of a cue, as WebVTT writes them. */
export function cueParts({ settings, content }: Cue): { settings: string; text: string } {
  return { settings: formatSettings(settings).trimStart(), text: writeCueText(content) };
}

/** A cue as it stands in a WebVTT file, without a line end after it. */
function formatCue(cue: Cue): string {
  const { settings, text } = cueParts(cue);
  const times = `${formatTime(cue.start)} --> ${formatTime(cue.end)}`;
  return `${[times, ...(settings === '' ? [] : [settings])].join(' ')}\n${text}`;
}

/** A WebVTT file of cues, `header` below its signature. */
export function formatCues(cues: readonly Cue[], header: readonly string[] = []): string {
  return [['WEBVTT', ...header].join('\n'), ...cues.map(formatCue)].map((block) => `${block}\n`).join('\n');
}

/** Reads what `formatCues` wrote, strictly: a text that needs any repair is not its. Throws TEXT_DAMAGED. */
export function parseCues(text: string): Cue[] {
  const notes = new Notes('normalised text');
  const cues = readWebVtt(text, notes).map(({ line: _line, ...cue }): Cue => cue);
  const [finding] = notes.list();
  if (finding) {
    throw new HullcastError(
      'TEXT_DAMAGED',
      `a text track in the store is not as it was written: ${finding.message}`,
      {
        hint: 'Run `hullcast fsck`: the store may be damaged.',
      },
    );
  }
  return cues;
}
