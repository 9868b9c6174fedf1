import type { Track } from '../media/reader.js';
import type { IndexRead } from './index-segments.js';
import type { AdaptationSet, Mpd, Representation } from './mpd.js';
import type { DashList } from './segments.js';

/** A representation with the media that it lists. */
export interface RepresentationView {
  mpd: Mpd;
  representation: Representation;
  list: DashList;
  /** What is to be said of the index of a SegmentBase. */
  index: Pick<IndexRead, 'problem' | 'inexact'>;
  track: Track;
}

/** An adaptation set with its representations. */
export interface SetView {
  mpd: Mpd;
  set: AdaptationSet;
  views: RepresentationView[];
}
