import { Notes } from '../../src/text/findings.js';
import type { Cue, CueContent, ReadCue } from '../../src/text/index.js';
import { writeCueText } from '../../src/text/markup/webvtt.js';
import { formatSettings } from '../../src/text/settings.js';

/** Runs a reader on a text; gives its cues in short and the findings it noted. */
export function readWith(
  read: (text: string, notes: Notes) => readonly ReadCue[],
  text: string,
): { cues: string[]; notes: string[] } {
  const notes = new Notes('a file');
  const cues = read(text, notes).map(short);
  return {
    cues,
    notes: notes.list().map(({ code, message }) => `${code}: ${message.replace('a file: ', '')}`),
  };
}

/** A cue as `1000-2500 line:0|text`. */
export function short({ start, end, settings, content }: Cue): string {
  return `${start}-${end}${formatSettings(settings)}|${writeCueText(content)}`;
}

export function cue(start: number, end: number, content: CueContent = ['text']): Cue {
  return { start, end, settings: {}, content };
}

/** The code and message of what an action throws. */
export function thrown(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code ?? 'no code'}: ${message}`;
  }
  return 'nothing';
}
