/** Formats of text files that are read. */
export type TextFormat = 'webvtt' | 'srt' | 'ttml' | 'scc';

/** Says from a file's first characters what it is; undefined where it is none of these. Its name is not looked at. */
export function sniffText(text: string): TextFormat | undefined {
  const head = text.slice(0, 4096).trimStart();
  if (/^WEBVTT(?:\s|$)/.test(head)) return 'webvtt';
  if (/^Scenarist_SCC\b/.test(head)) return 'scc';
  if (/^<(?:\?xml|!--|!DOCTYPE|(?:[\w.-]{1,40}:)?tt[\s>/])/i.test(head)) return 'ttml';
  return /^\d{1,9}[ \t]*(?:\r\n?|\n)|-->|^\d{1,3}:\d{2}/.test(head) ? 'srt' : undefined;
}
