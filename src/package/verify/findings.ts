import type { ConformanceFinding } from '../types.js';

/** Everything that verification can find in a package, and what it means. All of them are errors. */
export const FINDING_CODES = {
  'manifest-unreadable': 'A manifest cannot be parsed, or breaks a rule of its format.',
  'rendition-missing': 'A rendition of the title is in one of the manifests not at all.',
  'file-missing': 'A manifest names a file that is not in the package.',
  'file-unlisted': 'A segment is in the package but in no playlist.',
  'init-unreadable': 'An initialisation segment cannot be parsed.',
  'init-tracks': 'An initialisation segment does not hold exactly one track of the kind it should.',
  'segment-unreadable': 'A media segment cannot be parsed.',
  'segment-truncated': 'A media segment ends before its last sample does.',
  'segment-not-sync': 'A video segment does not begin with a sync sample.',
  'segment-count': 'A video rendition does not have as many segments as planned.',
  'segment-boundary': 'A video segment does not have the frames that were planned for it.',
  'timeline-gap': 'A segment does not begin where the one before it ends.',
  'renditions-differ': 'Video renditions differ in the duration of a segment.',
  'frame-count': 'A video rendition does not have as many frames as the title.',
  'start-offset': 'The first frame of a video rendition is not shown at time 0.',
  'audio-duration':
    "An audio rendition's duration is half an AAC frame or more off the title's, or its edit list is lost.",
  'playlist-duration': 'An HLS playlist gives a segment another duration than it has.',
  'mpd-duration': 'The MPD gives a segment, or the presentation, another duration than it has.',
  'manifests-differ': 'HLS and DASH name different files for a rendition.',
  'bandwidth-peak': "A declared peak bit rate is not that of the segments' bytes.",
  'bandwidth-average': "A declared average bit rate is not that of the segments' bytes.",
  'codecs-wrong': 'The codecs declared for a rendition are not those of its tracks.',
  'colour-wrong':
    'Primaries, transfer or matrix of the media, or of the MPD, are not those of the rendition.',
  'light-wrong': "The HDR metadata in a sample entry is not the rendition's.",
  'video-range-wrong': 'The VIDEO-RANGE of an HLS variant is not that of its pictures.',
  'ranges-mixed': 'SDR and HDR, or PQ and HLG, are in one adaptation set.',
  'encryption-wrong': 'A sample entry or a segment is not encrypted as the title should be.',
  'key-signalling-wrong':
    'A manifest, or an initialisation segment, tells players of another key, or of none.',
  'iframe-range': 'An I-frame playlist does not point at the key frame of a segment.',
  'text-cues-differ': 'Cues that are read back from the segments are not those of the text.',
  'text-duration': 'The segments of a text do not last as long as the title.',
  'text-signalling': 'A manifest says something else of a text than what it is, or two texts have one name.',
  'thumbnails-wrong':
    'HLS and DASH do not say the same of the thumbnails, or a sheet is not of the size or is missing that they say.',
  'decode-failed': 'A rendition cannot be decoded through its playlist.',
  'decode-frames':
    'Decoding a video rendition through its playlist gives another number of frames than the title has.',
  'decode-duration':
    'Decoding an audio rendition through its playlist gives a duration more than one AAC frame off.',
  'payload-differs': 'What is in the segments is not, bit by bit, the rendition that was packaged.',
} as const;

export type FindingCode = keyof typeof FINDING_CODES;

/** Collects findings. */
export class Findings {
  readonly list: ConformanceFinding[] = [];

  add(code: FindingCode, file: string, message: string): void {
    this.list.push({ code, severity: 'error', file, message });
  }
}
