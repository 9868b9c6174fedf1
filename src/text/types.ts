import type { Finding, MasterText } from '../ingest/index.js';
import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';

/** Elements of a cue's text (WebVTT, 4.2.2). `c` has classes only; `lang` and `v` have an annotation. */
export type CueTag = 'b' | 'i' | 'u' | 'c' | 'lang' | 'v' | 'ruby' | 'rt';

export interface CueElement {
  tag: CueTag;
  classes?: string[];
  /** Language of a `lang`, speaker of a `v`. */
  annotation?: string;
  content: CueContent;
}

/** Text and elements in reading order. Lines end with `\n`; no line is empty, none begins or ends with a space. */
export type CueContent = (string | CueElement)[];

export type CueAlign = 'start' | 'center' | 'end' | 'left' | 'right';

/** Where a cue is shown (WebVTT, 4.4). What is left out is at the player's default: centred, at the bottom. */
export interface CueSettings {
  vertical?: 'rl' | 'lr';
  /** A number of lines (from the top, or with a minus from the bottom), or a percentage. */
  line?: { value: number; percent: boolean; align?: 'start' | 'center' | 'end' };
  /** Percent of the width (of the height, in vertical text). */
  position?: { value: number; align?: 'line-left' | 'center' | 'line-right' };
  /** Percent. */
  size?: number;
  align?: CueAlign;
}

/** Text that is shown for a while. Times are whole milliseconds from the first frame of the title. */
export interface Cue {
  start: number;
  end: number;
  settings: CueSettings;
  content: CueContent;
}

/** A cue as a file has it. Its end may not be after its start, or may be Infinity where the file names none. */
export interface ReadCue extends Cue {
  /** Line of the file, from 1, for messages. */
  line: number;
}

/** A file of text that comes with a master. */
export interface TextFileSource {
  kind: 'file';
  /** Its name, for messages. */
  name: string;
  blob: BlobRef;
  /** Label of a character encoding (WHATWG), e.g. `windows-1251`; found out unless given. */
  encoding?: string;
  /** Time in the file that is the title's first frame, e.g. `01:00:00:00`; found out unless given. */
  start?: string;
  /** Frames a second that the file's timecodes count; the master's unless given. */
  fps?: Rational;
}

/** A text stream of a master, or the captions in the user data of its pictures. */
export interface TextStreamSource {
  kind: 'stream';
  blob: BlobRef;
  /** ffmpeg demuxer of the master. */
  demuxer: string;
  text: MasterText;
}

export interface TextParams {
  source: TextFileSource | TextStreamSource;
  /** Length of the title in frames. */
  frames: number;
  fps: Rational;
}

/** One language of text, normalised. */
export interface TextCues {
  /** Of CEA-608 captions. */
  channel?: CaptionChannel;
  /** A WebVTT file that `parseCues` reads. */
  blob: BlobRef;
  cues: number;
}

export interface TextResult {
  /** None where a stream of the master holds no text. */
  tracks: TextCues[];
  findings: Finding[];
}

export type CaptionChannel = 'CC1' | 'CC2' | 'CC3' | 'CC4';
