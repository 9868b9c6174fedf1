import { EXIT, HullcastError } from '../errors.js';

/** Text of a file, and how its bytes were understood. */
export interface DecodedText {
  text: string;
  /** WHATWG label. */
  encoding: string;
  /** True where nothing in the file says so. */
  guessed: boolean;
}

/** Byte order marks; the longer ones, of UTF-32, are looked for first, since one of them begins like UTF-16's. */
const MARKS = [
  { mark: [0xff, 0xfe, 0, 0], encoding: 'utf-32' },
  { mark: [0, 0, 0xfe, 0xff], encoding: 'utf-32' },
  { mark: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/** Where a document type of XML may declare its encoding, bytes from the start. */
const DECLARATION = 200;
/** Bytes that are looked at to tell UTF-16 from text of one byte a character. */
const SAMPLE = 4096;

function undecodable(name: string, what: string): HullcastError {
  return new HullcastError('TEXT_ENCODING', `${name}: ${what}`, {
    exitCode: EXIT.masterRejected,
    hint: 'Save it as UTF-8, or say what it is with encoding=, such as windows-1251, shift_jis or gb18030.',
  });
}

/** 0x80 to 0x9f of Windows-1252 (WHATWG's index). Node 20 decodes them as the control characters that Latin-1 has there. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80] ?? control);
}

/** Decodes strictly; undefined where the bytes are not of that encoding. */
function strictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    // Latin-1 and ASCII are other names of it.
    if (decoder.encoding === 'windows-1252') return windows1252(bytes);
    return decoder.decode(bytes);
  } catch {
    return undefined; // not the encoding, or one that this Node does not have: another is tried
  }
}

/** Text in UTF-16 without a mark has its zero bytes, those of Latin letters and spaces, all in one half of each pair. */
function unmarkedUtf16(bytes: Uint8Array): string | undefined {
  const zeros = [0, 0];
  const length = Math.min(SAMPLE, bytes.length);
  for (let at = 0; at < length; at += 1) if (bytes[at] === 0) zeros[at & 1]! += 1;
  const [even = 0, odd = 0] = zeros;
  if (even + odd < length / 8) return undefined;
  return odd > 8 * even ? 'utf-16le' : even > 8 * odd ? 'utf-16be' : undefined;
}

/** The encoding in an XML declaration. */
function declared(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION));
  return /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(head)?.[1];
}

/** Characters that no text has: C0 controls but tabs, line ends, form feeds and escapes. */
const BINARY = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

function checked(name: string, decoded: DecodedText): DecodedText {
  if (BINARY.test(decoded.text)) throw undecodable(name, 'this is no text, but binary data');
  return decoded;
}

/**
 * Decodes a text file: by its byte order mark, as UTF-8 where that is possible, as UTF-16 where its zeros look like it, as
 * its XML declaration says, and else as Windows-1252, which contains Latin-1. `given` comes before all of these but the
 * mark. Throws TEXT_ENCODING.
 */
export function decodeText(bytes: Uint8Array, name: string, given?: string): DecodedText {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))?.encoding;
  const named = marked ?? given;
  if (named !== undefined) {
    const text = strictly(bytes, named);
    if (text === undefined)
      throw undecodable(name, `its bytes are not ${named}, as ${marked ? 'its first ones' : 'was'} said`);
    return checked(name, { text, encoding: named, guessed: false });
  }
  const wide = unmarkedUtf16(bytes);
  const wideText = wide === undefined ? undefined : strictly(bytes, wide);
  if (wide !== undefined && wideText !== undefined) {
    return checked(name, { text: wideText, encoding: wide, guessed: true });
  }
  const utf8 = strictly(bytes, 'utf-8');
  if (utf8 !== undefined) return checked(name, { text: utf8, encoding: 'utf-8', guessed: false });
  const said = declared(bytes);
  const saidText = said === undefined ? undefined : strictly(bytes, said);
  if (said !== undefined && saidText !== undefined) {
    return checked(name, { text: saidText, encoding: said.toLowerCase(), guessed: false });
  }
  return checked(name, { text: windows1252(bytes), encoding: 'windows-1252', guessed: true });
}

/** True for a label that `decodeText` may be given. */
export function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false; // the label is of no encoding: that is the answer
  }
}
