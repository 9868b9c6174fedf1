/**
 * What is read of a stream at most. Streams are not to be trusted: what is larger is a finding (SOURCE-LIMIT), never a
 * reason to need more memory or time. A title of three hours in twenty renditions stays far below all of these.
 */
export const LIMITS = {
  /** Of a playlist or an MPD. */
  manifestBytes: 16 * 1024 * 1024,
  /** Of all playlists and MPDs together. */
  allManifestBytes: 256 * 1024 * 1024,
  /** Elements and attributes of an MPD together: each becomes an object. */
  xmlNodes: 400_000,
  /** Lines of a playlist. */
  playlistLines: 400_000,
  /** Of a box that is read as a whole: moov, moof, sidx, emsg. */
  boxBytes: 8 * 1024 * 1024,
  /** Of a segment of WebVTT: that of a whole film is a tenth of it. */
  textBytes: 4 * 1024 * 1024,
  /** Of a file that a server gives only as a whole. */
  wholeBytes: 64 * 1024 * 1024,
  /** Boxes of a file that are looked at, and how deep they may lie in each other. */
  boxes: 50_000,
  boxDepth: 16,
  /** Samples of a track run: a day of sound at 24 frames a second is two million. */
  runSamples: 1_000_000,
  /** Media segments of a list: two seconds each, a day of them. */
  listSegments: 50_000,
  /** Media segments of everything that is checked together. */
  segments: 250_000,
  /** Playlists of a master playlist; periods of an MPD, and sets of a period. */
  renditions: 500,
  /** Representations of all periods of an MPD. */
  representations: 5000,
  /** Manifests of a folder. */
  manifests: 50,
  /** Files and folders that are looked at to find manifests. */
  entries: 200_000,
  /** Findings of one rule that are kept; all of them are counted. */
  findings: 100,
  /** Segments of a list that cannot be read, after which the rest of the list is not asked for. */
  missing: 100,
  redirects: 5,
  /** Seconds for one request, its answer included. */
  requestSeconds: 60,
  /** Requests in a row without any answer, after which a server is not asked again. */
  unanswered: 6,
  /** Files that stay open, as ranges of them are read: a server may have given the whole of each. */
  open: 8,
  /** Requests, and files, at a time. */
  parallel: 6,
} as const;
