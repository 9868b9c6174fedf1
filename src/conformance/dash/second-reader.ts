import { inheritAttributes, stringToMpdXml, toPlaylists } from 'mpd-parser';
import type { Findings } from '../findings.js';
import type { RuleInfo } from '../rules/rule.js';
import { type Mpd, representationName } from './mpd.js';
import type { RepresentationView } from './view.js';

export const DASH_PARSER: RuleInfo = {
  id: 'DASH-PARSER',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 5.3',
  asks: 'an independent reader (mpd-parser) accepts the MPD and finds the same segments in it; told only where no other rule says what is wrong',
};

/**
 * Representations of which both readers are known to give all segments: not so where a number or a repetition is open, or
 * where the clock says which there are.
 */
function isComparable({ mpd, representation: { addressing } }: RepresentationView): boolean {
  if (mpd.type !== 'static' && !addressing.timeline) return false;
  const open = addressing.timeline?.some(({ attributes }) => attributes.get('r')?.startsWith('-') === true);
  return addressing.kind !== 'base' && !addressing.attributes.has('endNumber') && open !== true;
}

/** What is different in a representation; undefined where nothing is. */
function difference(
  view: RepresentationView,
  segments: readonly { resolvedUri: string }[],
): string | undefined {
  const { list, representation } = view;
  const name = representationName(representation);
  if (segments.length !== list.segments.length) return `${name}: ${segments.length} segments`;
  const at = list.segments.findIndex(({ url }, index) => new URL(segments[index]!.resolvedUri).href !== url);
  return at < 0 ? undefined : `${name}: segment ${at + 1} at ${segments[at]?.resolvedUri}`;
}

function readBy(mpd: Mpd, text: string, views: readonly RepresentationView[]): string | undefined {
  const { representationInfo } = inheritAttributes(stringToMpdXml(text), { manifestUri: mpd.url });
  const playlists = toPlaylists(representationInfo);
  // Alternative base URLs make more of them.
  if (playlists.length !== views.length) return undefined;
  for (const [index, view] of views.entries()) {
    if (!isComparable(view)) continue;
    const found = difference(view, playlists[index]?.segments ?? []);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lets mpd-parser read an MPD. Call it when all other rules have been applied. */
export function readAgain(
  mpd: Mpd,
  text: string,
  views: readonly RepresentationView[],
  findings: Findings,
): void {
  const report = findings.reporter(DASH_PARSER, mpd.file);
  if (findings.has('DASH-', mpd.file) || findings.has('SOURCE-', mpd.file)) return;
  let found: string | undefined;
  try {
    found = readBy(mpd, text, views);
  } catch (error) {
    found = String(error);
  }
  const segments = views.reduce((sum, { list }) => sum + list.segments.length, 0);
  if (found !== undefined) report({ expected: `what was read: ${segments} segments in all`, found });
}
