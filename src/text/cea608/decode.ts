import type { Notes } from '../findings.js';
import type { CaptionChannel, ReadCue } from '../types.js';
import { CaptionChannelDecoder, type Moment } from './channel.js';

/** Two bytes of line 21, with their parity bits. */
export interface CaptionPair extends Moment {
  field: 1 | 2;
  first: number;
  second: number;
}

/** True where a byte has odd parity, as line 21 demands. */
export function oddParity(byte: number): boolean {
  let bits = byte & 0xff;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 1;
}

const CHANNELS = { 1: ['CC1', 'CC2'], 2: ['CC3', 'CC4'] } as const;

/** One field of line 21: two channels that take turns, and in the second field other data between them. */
class FieldDecoder {
  private readonly channels = [new CaptionChannelDecoder(), new CaptionChannelDecoder()];
  private current: CaptionChannelDecoder | undefined;
  /** The last code, which is sent twice in case that one is lost. */
  private sent: number | undefined;

  /** Two bytes without parity. */
  pair(first: number, second: number, at: Moment): void {
    const repeated = this.sent === ((first << 8) | second);
    this.sent = undefined;
    if (first >= 0x10 && first < 0x20) {
      if (repeated || second < 0x20) return;
      this.sent = (first << 8) | second;
      this.current = this.channels[(first >> 3) & 1];
      this.current?.control(first & 0x17, second, at);
    } else if (first >= 0x20) this.current?.text(first, second, at);
    // Extended data services: what follows is theirs until a caption's code comes.
    else if (first > 0) this.current = undefined;
  }

  end(): ReadCue[][] {
    return this.channels.map((channel) => {
      channel.end();
      return channel.cues;
    });
  }
}

export interface DecodeCaptionsOptions {
  /** What becomes of bytes of the wrong parity: files may have been made without it, transmissions are damaged. */
  wrongParity: 'use' | 'drop';
  notes: Notes;
}

/** Decodes CEA-608 captions; gives the cues of every channel that showed something. Pairs come in order of time. */
export function decodeCaptions(
  pairs: Iterable<CaptionPair>,
  { wrongParity, notes }: DecodeCaptionsOptions,
): Map<CaptionChannel, ReadCue[]> {
  const fields = { 1: new FieldDecoder(), 2: new FieldDecoder() };
  for (const pair of pairs) {
    if (!oddParity(pair.first) || !oddParity(pair.second)) {
      const what = wrongParity === 'use' ? 'are used all the same' : 'are left out';
      notes.add('text-parity', pair.line, `caption bytes of wrong parity ${what}`);
      if (wrongParity === 'drop') continue;
    }
    fields[pair.field].pair(pair.first & 0x7f, pair.second & 0x7f, pair);
  }
  const found = new Map<CaptionChannel, ReadCue[]>();
  for (const field of [1, 2] as const) {
    for (const [index, cues] of fields[field].end().entries()) {
      if (cues.length > 0) found.set(CHANNELS[field][index]!, cues);
    }
  }
  return found;
}
