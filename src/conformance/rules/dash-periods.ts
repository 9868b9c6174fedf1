import type { AdaptationSet, Mpd, Representation } from '../dash/mpd.js';
import { representationName } from '../dash/mpd.js';
import type { RepresentationView } from '../dash/view.js';
import { childrenOf } from '../dash/xml.js';
import { initOf, mainTrack } from '../hls/listed.js';
import { keyOf } from './cenc.js';
import type { Report, Rule } from './rule.js';

/** A presentation with the media of all its periods. */
export interface PresentationView {
  mpd: Mpd;
  views: ReadonlyMap<Representation, RepresentationView>;
}

/** Descriptors by which a set goes on from one of another period, whose id is their value. */
const GOES_ON = new Set(['urn:mpeg:dash:period-continuity:2015', 'urn:mpeg:dash:period-connectivity:2015']);

/** What a decoder is set up by: what the sample entry describes, and the key; undefined where nothing could be read. */
function setUpBy(view: RepresentationView | undefined): string | undefined {
  const init = view && initOf(view);
  const track = mainTrack(init);
  if (!track) return undefined;
  const key = keyOf(init);
  const entries = track.entries.map(({ codec, format, width, height, sampleRate }) =>
    [codec ?? format, width > 0 ? `${width}x${height}` : `${sampleRate} Hz`].join(' '),
  );
  return [`timescale ${track.timescale}`, ...entries, key ? `${key.scheme} by ${key.kid}` : 'clear'].join(
    ', ',
  );
}

/** Initialisation segments of representations of one id must do for each other. */
function checkAlike(
  set: AdaptationSet,
  before: AdaptationSet,
  { views }: PresentationView,
  report: Report,
): void {
  for (const one of set.representations) {
    const other = before.representations.find(({ id }) => id === one.id);
    if (!other) continue; // not every representation needs to go on
    const [expected, found] = [setUpBy(views.get(other)), setUpBy(views.get(one))];
    if (expected === undefined || found === undefined || expected === found) continue;
    const name = representationName(one);
    report({ line: one.element.line, expected: `${name}, as before: ${expected}`, found });
  }
}

const CONNECTED: Rule<PresentationView> = {
  severity: 'error',
  id: 'DASH-PERIOD-CONNECTED',
  reference: 'ISO/IEC 23009-1, 5.3.2.4; DASH-IF IOP 5, period connectivity and continuity',
  asks: 'a set that goes on from another period names one before it that has a set of its id; the initialisation segments of either do for both, their keys too',
  check: (view, report) => {
    const { periods } = view.mpd;
    for (const [index, { sets }] of periods.entries()) {
      for (const set of sets) {
        for (const { attributes, line } of childrenOf(set.element, 'SupplementalProperty')) {
          if (!GOES_ON.has(attributes.get('schemeIdUri') ?? '')) continue;
          const value = attributes.get('value') ?? '';
          const earlier = periods
            .slice(0, index)
            .find(({ element }) => element.attributes.get('id') === value);
          const id = set.element.attributes.get('id');
          const before = earlier?.sets.find(
            ({ element }) => id !== undefined && element.attributes.get('id') === id,
          );
          if (before) checkAlike(set, before, view, report);
          else
            report({
              line,
              expected: `the id of a period before, with a set of id ${id ?? 'none'}`,
              found: value,
            });
        }
      }
    }
  },
};

export const DASH_PERIOD_RULES: readonly Rule<PresentationView>[] = [CONNECTED];
