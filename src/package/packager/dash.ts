import { type Rational, frameSeconds } from '../../media/index.js';
import type { CodePoints } from '../cicp.js';
import { withColour } from './dash-colour.js';
import { REPRESENTATION, folderOfRepresentation } from './timeline.js';

export interface MpdFacts {
  /** Length of the title. */
  frames: number;
  fps: Rational;
  /** Bandwidth of every rendition, bit/s, by folder (`video/v180`): its peak, or more where a player needs more. */
  peaks: ReadonlyMap<string, number>;
  /** Colour of renditions, by folder. */
  colours: ReadonlyMap<string, CodePoints>;
  /** Adaptation sets of text, which the packager does not write. */
  textSets?: readonly string[];
}

function setAttribute(tag: string, name: string, value: string | number): string {
  return tag.replace(new RegExp(`(\\s${name}=)"[^"]*"`), (_, before: string) => `${before}"${value}"`);
}

const ADAPTATION_SET = /[ \t]*<AdaptationSet\b[\s\S]*?<\/AdaptationSet>\n/g;

/** The packager writes labels behind roles, where the schema of MPDs (ISO/IEC 23009-1, annex B) has them before. */
function ordered(set: string): string {
  const [label = ''] = /^[ \t]*<Label\b.*\n/m.exec(set) ?? [];
  return set
    .replace(label, '')
    .replace(/^[ \t]*<(?:Accessibility|Role|Representation)\b/m, (tag) => label + tag);
}

/** Renumbers adaptation sets in order; both runs of the packager begin with 0. */
function numbered(sets: readonly string[]): string[] {
  return sets.map((set, index) =>
    set.replace(/<AdaptationSet\b[^>]*>/, (tag) => {
      const withId = setAttribute(tag, 'id', index);
      // Every segment was checked to begin with a key frame of a closed group: stream access point of type 1.
      return withId.includes('startWithSAP=') ? withId : withId.replace(/>$/, ' startWithSAP="1">');
    }),
  );
}

/**
 * Makes the title's MPD of the packager's two: the audio run's adaptation sets follow the video's, and those of text them;
 * representations
 * are named by their rendition; their bandwidth is the true peak; the presentation lasts as long as the picture.
 * Pure text editing of what the packager is known to write. MPEG-DASH has no attribute for an average bit rate.
 */
export function titleMpd(video: string, audio: string | undefined, facts: MpdFacts): string {
  const packaged = [video, audio ?? ''].flatMap((mpd) => mpd.match(ADAPTATION_SET) ?? []).map(ordered);
  const sets = [...packaged, ...(facts.textSets ?? [])];
  const [head = '', ...rest] = video.split(ADAPTATION_SET);
  const merged = head + numbered(sets).join('') + (rest.at(-1) ?? '');
  const seconds = Number(frameSeconds(facts.frames, facts.fps).toFixed(6));
  const coloured = withColour(merged, facts.colours);
  return setAttribute(coloured, 'mediaPresentationDuration', `PT${seconds}S`).replace(
    REPRESENTATION,
    (xml) => {
      const folder = folderOfRepresentation(xml);
      const peak = facts.peaks.get(folder);
      const named = setAttribute(xml, 'id', folder.slice(folder.indexOf('/') + 1));
      return peak === undefined ? named : setAttribute(named, 'bandwidth', peak);
    },
  );
}
