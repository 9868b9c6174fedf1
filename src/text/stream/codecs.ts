/** Codecs of text streams that are carried, by ffmpeg's names. */
const TEXT: ReadonlySet<string> = new Set(['mov_text', 'subrip', 'webvtt', 'ass', 'ssa', 'text']);
const CAPTIONS = 'eia_608';
const BITMAPS: ReadonlySet<string> = new Set(['dvd_subtitle', 'dvb_subtitle', 'hdmv_pgs_subtitle', 'xsub']);

export type StreamKind = 'text' | 'captions' | 'other';

export function streamKind(codec: string): StreamKind {
  if (TEXT.has(codec)) return 'text';
  return codec === CAPTIONS ? 'captions' : 'other';
}

/** Why a stream is not carried. */
export function skippedBecause(codec: string): string {
  return BITMAPS.has(codec)
    ? `its subtitles are pictures (${codec})`
    : `its codec (${codec}) is none that is read`;
}
