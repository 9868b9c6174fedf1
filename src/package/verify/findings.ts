import type { RuleFindings } from '../../conformance/index.js';
import type { ConformanceFinding } from '../types.js';

/**
 * What verification finds by the plan of a title and by decoding, and what each means. All of them are errors. Rules of
 * the formats have ids of their own (docs/verify.md).
 */
export const FINDING_CODES = {
  'manifest-missing': 'The MPD or the master playlist is not in the package.',
  'rendition-missing': 'A rendition of the title is in one of the manifests not at all.',
  'file-unlisted': 'A segment is in the package but in no manifest.',
  'init-tracks': 'An initialisation segment does not hold exactly one track of the kind it should.',
  'segment-count': 'A video rendition does not have as many segments as planned.',
  'segment-boundary':
    'A video segment does not have the frames that were planned for it, or not at their time.',
  'frame-count': 'A video rendition does not have as many frames as the title.',
  'start-offset': 'The first frame of a video rendition, or its sound, is not at time 0.',
  'audio-duration':
    "An audio rendition's duration is half an AAC frame or more off the title's, or its edit list is lost.",
  'playlist-duration': 'An HLS playlist gives a segment another duration than it has, to the millisecond.',
  'mpd-duration': 'The MPD gives the presentation another duration than the title has.',
  'mpd-type': 'The MPD is that of a live presentation, not of a whole title.',
  'manifests-differ': 'HLS and DASH name different files for a rendition.',
  'colour-wrong': 'Primaries, transfer or matrix of the media are not those of the rendition.',
  'light-wrong': "The HDR metadata in a sample entry is not the rendition's.",
  'encryption-wrong': 'A sample entry or a segment is not encrypted as the title should be.',
  'key-signalling-wrong':
    'A manifest, or an initialisation segment, tells players of another key, or of none.',
  'text-unreadable': 'A segment of text is not what hullcast writes, or its samples are no cues.',
  'text-cues-differ': 'Cues that are read back from the segments are not those of the text.',
  'text-duration': 'The segments of a text do not last as long as the title.',
  'text-signalling': 'A manifest says something else of a text than what it is, or two texts have one name.',
  'thumbnails-wrong':
    'HLS and DASH do not say the same of the thumbnails, or a sheet is not of the size or is missing that they say.',
  'decode-failed': 'A rendition cannot be decoded through its playlist.',
  'decode-frames':
    'Decoding a video rendition through its playlist gives another number of frames than the title has.',
  'decode-duration':
    'Decoding an audio rendition through its playlist gives a duration more than one frame and the priming off.',
  'payload-differs': 'What is in the segments is not, bit by bit, the rendition that was packaged.',
} as const;

export type FindingCode = keyof typeof FINDING_CODES;

/** Rules that are about what the master is: a title is not withheld for them. */
const OF_THE_MASTER: ReadonlySet<string> = new Set(['APPLE-FRAME-RATE']);

/** Collects findings. */
export class Findings {
  readonly list: ConformanceFinding[] = [];

  add(code: FindingCode, file: string, message: string): void {
    this.list.push({ code, severity: 'error', file, message });
  }

  /** Findings of rules of the formats; their codes are the ids of the rules. */
  addRules(broken: readonly RuleFindings[]): void {
    for (const { rule, severity, file, line, expected, found } of broken.flatMap((one) => one.findings)) {
      this.list.push({
        code: rule,
        severity: OF_THE_MASTER.has(rule) ? 'warning' : severity,
        file,
        message: `${line === undefined ? '' : `line ${line}: `}expected ${expected}, found ${found}`,
      });
    }
  }
}
