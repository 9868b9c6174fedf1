import { z } from 'zod';
import { badUsage } from '../errors.js';
import { storableText } from './columns.js';

/** Where a page of titles ends: the last title on it. */
export interface Place {
  /** ISO 8601 in UTC, with milliseconds. */
  createdAt: string;
  id: string;
}

/** Of what the database can hold: it has no year 0, and a text that it would change is no title's id. */
const placeSchema = z.tuple([
  z.iso.datetime({ precision: 3 }).refine((time) => !time.startsWith('0000')),
  z.string().refine((id) => storableText(id) === id),
]);

/** A place as a text that says nothing to clients, and is safe in a URL. */
export function cursorOf({ createdAt, id }: Place): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/** Throws CURSOR_INVALID for a text that cursorOf() did not make. */
export function placeOf(cursor: string): Place {
  const place = placeSchema.safeParse(parse(Buffer.from(cursor, 'base64url').toString())).data;
  // Decoding forgives much: what would not be written so was not written by us.
  if (!place || cursorOf({ createdAt: place[0], id: place[1] }) !== cursor) {
    throw badUsage(
      'CURSOR_INVALID',
      'this cursor is not one that a list of titles gave',
      'Use `next` of the page before, as it is, or begin without a cursor.',
    );
  }
  const [createdAt, id] = place;
  return { createdAt, id };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: no place, as the caller says
  }
}
