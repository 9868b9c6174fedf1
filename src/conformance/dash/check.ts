import type { Context } from '../context.js';
import { LIMITS } from '../limits.js';
import { readTrack } from '../media/check-track.js';
import type { ManifestBytes } from '../media/read-manifest.js';
import type { Content } from '../media/reader.js';
import { type Forced, profilesOfMpd } from '../profiles.js';
import { check } from '../rules/check.js';
import { DASH_MEDIA_RULES } from '../rules/dash-media.js';
import { DASH_MPD_RULES, DASH_XML } from '../rules/dash-mpd.js';
import { DASH_PERIOD_RULES } from '../rules/dash-periods.js';
import { DASH_PROTECTION_RULES } from '../rules/dash-protection.js';
import { DASH_SEGMENT_RULES } from '../rules/dash-segments.js';
import { DASH_SET_RULES } from '../rules/dash-set.js';
import { SOURCE_LIMIT } from '../source/rules.js';
import { type IndexRead, indexedSegments } from './index-segments.js';
import { MPD_NAMESPACE, type Mpd, type Representation, mpdOf, representationsOf } from './mpd.js';
import { readAgain } from './second-reader.js';
import { listedSegments } from './segments.js';
import type { RepresentationView } from './view.js';
import { type Element, XmlError, parseXml } from './xml.js';

/** What was read of a DASH stream. */
export interface DashChecked {
  file: string;
  mpd: Mpd | undefined;
  representations: RepresentationView[];
}

/** The document, where it is one; what is wrong with it is reported. */
function readXml(text: string, file: string, { findings }: Context): Element | undefined {
  const report = findings.reporter(DASH_XML, file);
  try {
    const root = parseXml(text);
    if (root.name === 'MPD' && root.namespace === MPD_NAMESPACE) return root;
    const found = `${root.name} of ${root.namespace === '' ? 'no namespace' : root.namespace}`;
    report({ line: root.line, expected: `MPD of ${MPD_NAMESPACE}`, found });
    // An MPD in another namespace is read, so that one finding does not hide all others.
    return root.name === 'MPD' ? root : undefined;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { kind, line, message } = error;
    if (kind === 'limit')
      findings.add(SOURCE_LIMIT, { file, line, expected: 'an MPD that is read', found: message });
    else report({ line, expected: 'well-formed XML', found: message });
    return undefined;
  }
}

function contentOf({ attribute }: Representation): Content {
  const type = attribute('mimeType') ?? '';
  if (/^(video|audio|application)\/mp4/.test(type)) return 'mp4';
  return type.startsWith('text/') ? 'unknown' : 'opaque';
}

async function readRepresentation(
  mpd: Mpd,
  representation: Representation,
  profiles: Forced,
  context: Context,
): Promise<RepresentationView> {
  const { findings, opener, reader } = context;
  const isBase = representation.addressing.kind === 'base';
  const { list, ...index }: IndexRead = isBase
    ? await indexedSegments(representation, opener)
    : { list: listedSegments(representation, reader.room), problem: undefined, inexact: undefined };
  if (list.tooMany) {
    const expected = `at most ${list.segments.length} segments`;
    findings.add(SOURCE_LIMIT, {
      file: mpd.file,
      line: representation.addressing.line,
      expected,
      found: 'more',
    });
  }
  // Segments of a live presentation come and go: its MPD is all that is looked at.
  const refs = mpd.type === 'static' && representation.addressing.kind !== 'none' ? list.segments : [];
  const track = await readTrack(refs, mpd.file, contentOf(representation), context);
  const view: RepresentationView = { mpd, representation, list, index, track };
  for (const rules of [DASH_SEGMENT_RULES, DASH_MEDIA_RULES, DASH_PROTECTION_RULES]) {
    check(rules, view, mpd.file, profiles, findings);
  }
  return view;
}

/** The rules about it have been applied; a long title has many S elements. */
function dropTimeline({ representation: { addressing } }: RepresentationView): void {
  addressing.timeline = undefined;
  for (const level of addressing.levels) {
    for (const timeline of level.children) {
      if (timeline.name === 'SegmentTimeline') timeline.children = [];
    }
  }
}

/** Checks a DASH stream from its MPD on. */
export async function checkDash({ url, bytes }: ManifestBytes, context: Context): Promise<DashChecked> {
  const { opener, findings, forced, signal } = context;
  const file = opener.nameOf(url);
  const text = bytes.toString('utf8');
  const root = readXml(text, file, context);
  if (!root) return { file, mpd: undefined, representations: [] };
  const mpd = mpdOf(file, url, root);
  const profiles = profilesOfMpd(mpd.profiles, forced);
  check(DASH_MPD_RULES, mpd, file, profiles, findings);

  if (mpd.tooMany) {
    const expected = `at most ${LIMITS.representations} representations`;
    findings.add(SOURCE_LIMIT, { file, expected, found: 'more' });
  }
  const views = new Map<Representation, RepresentationView>();
  const all = representationsOf(mpd);
  context.progress.manifest(all.length);
  for (const representation of all) {
    signal.throwIfAborted();
    views.set(representation, await readRepresentation(mpd, representation, profiles, context));
  }
  for (const set of mpd.periods.flatMap(({ sets }) => sets)) {
    const own = set.representations.flatMap((representation) => views.get(representation) ?? []);
    check(DASH_SET_RULES, { mpd, set, views: own }, file, profiles, findings);
  }
  check(DASH_PERIOD_RULES, { mpd, views }, file, profiles, findings);
  const representations = [...views.values()];
  readAgain(mpd, text, representations, findings);
  representations.forEach(dropTimeline);
  return { file, mpd, representations };
}
