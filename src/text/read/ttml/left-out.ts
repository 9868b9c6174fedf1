import type { Element } from '@xmldom/xmldom';
import type { HullcastError } from '../../../errors.js';
import { malformed } from '../../errors.js';
import type { Notes } from '../../findings.js';
import { attributesOf, lineOf, localNameOf } from './document.js';

/** Elements that change a style for a time. */
const ANIMATIONS: ReadonlySet<string> = new Set(['set', 'animate']);
/** Styles that decide when text is seen. */
const SEEN = ['tts:visibility', 'tts:display', 'tts:opacity'];

export function pictures(element: Element, { name }: Notes): HullcastError {
  return malformed(name, lineOf(element), 'subtitles that are pictures cannot be carried');
}

/**
 * Notes an element that is not carried. Throws TEXT_SYNTAX for a picture, and for an animation that shows or hides text: the
 * text would not be there when it is meant to be, or never.
 */
export function leaveOut(element: Element, notes: Notes): void {
  const name = localNameOf(element);
  if (name === undefined || name === 'metadata') return;
  if (name === 'image') throw pictures(element, notes);
  const line = lineOf(element);
  if (!ANIMATIONS.has(name)) {
    notes.add('text-markup-dropped', line, `elements that cannot be carried (<${name}>) are left out`);
    return;
  }
  const attributes = attributesOf(element);
  if (SEEN.some((style) => attributes.has(style)))
    throw malformed(notes.name, line, `text that <${name}> shows or hides cannot be carried`);
  notes.add('text-markup-dropped', line, `changes of style over time (<${name}>) are left out`);
}

/** The same within a paragraph. Throws TEXT_SYNTAX also where there is text in the element. */
export function leaveOutInline(element: Element, notes: Notes): void {
  leaveOut(element, notes);
  const name = localNameOf(element);
  if (name === undefined || name === 'metadata' || (element.textContent ?? '').trim() === '') return;
  throw malformed(notes.name, lineOf(element), `text in <${name}> cannot be carried`);
}
