import { rangeOf } from '../boxes/colour.js';
import type { InitTrack } from '../boxes/init.js';
import { contentTypeOf, representationName } from '../dash/mpd.js';
import type { RepresentationView, SetView } from '../dash/view.js';
import { initOf, mainTrack, timesIn, trackOfKind } from '../hls/listed.js';
import { primaryLanguage } from '../language.js';
import type { Rule } from './rule.js';

const DASH = { severity: 'error' } as const;

/** Main tracks of a set's representations, with these. */
function tracksOf({ views }: SetView): { view: RepresentationView; track: InitTrack }[] {
  return views.flatMap((view) => {
    const track = mainTrack(initOf(view));
    return track ? [{ view, track }] : [];
  });
}

const CONTENT: Rule<SetView> = {
  ...DASH,
  id: 'DASH-CONTENT-TYPE',
  reference: 'ISO/IEC 23009-1, 5.3.3.2 and 5.3.7.2',
  asks: '@contentType and @mimeType are those of the media',
  check: ({ set, views }, report) => {
    for (const { representation, ...listed } of views) {
      const init = initOf(listed);
      if (!init || init.tracks.length === 0) continue;
      const kinds = init.tracks.map(({ kind }) => kind);
      const said = [
        set.element.attributes.get('contentType'),
        representation.attribute('mimeType')?.split('/', 1)[0],
      ];
      const wrong = said.find((type) => (type === 'video' || type === 'audio') && !kinds.includes(type));
      if (wrong !== undefined) {
        const expected = `${representationName(representation)}: ${kinds.join(', ')}`;
        report({ line: representation.element.line, expected, found: wrong });
      }
    }
  },
};

const MIXED: Rule<SetView> = {
  ...DASH,
  id: 'DASH-SET-MIXED',
  reference: 'ISO/IEC 23009-1, 5.3.3.1; DASH-IF IOP 4.3, 3.2.4 and 10.2',
  asks: 'what a player may switch between is alike: representations of a set have one sample entry type, one range (SDR, PQ, HLG)',
  check: (view, report) => {
    const [first, ...others] = tracksOf(view).map(({ track, view: { representation } }) => {
      const entry = track.entries[0];
      const colour = entry?.colour;
      return {
        ...{ line: representation.element.line, name: representationName(representation) },
        text: [entry?.format ?? 'none', ...(colour ? [rangeOf(colour)] : [])].join(' '),
      };
    });
    for (const { line, name, text } of others) {
      if (first && text !== first.text) report({ line, expected: `${name}: ${first.text}`, found: text });
    }
  },
};

const ALIGNMENT: Rule<SetView> = {
  ...DASH,
  id: 'DASH-SEGMENT-ALIGNMENT',
  reference: 'ISO/IEC 23009-1, 5.3.3.2',
  asks: 'where @segmentAlignment (@subsegmentAlignment) says so, the segments of all representations begin at the same times',
  check: ({ set, views }, report) => {
    const said = ['segmentAlignment', 'subsegmentAlignment'].map((name) => set.element.attributes.get(name));
    if (!said.some((value) => value !== undefined && value !== 'false')) return;
    const read = views.filter(({ index, track }) => index.problem === undefined && track.length > 0);
    const cuts = read.map(({ track, representation }) => ({
      representation,
      starts: track.map((facts) => {
        const main = mainTrack(facts?.init);
        const times = timesIn(facts, main);
        return times && main
          ? { seconds: times.presented / main.timescale, tick: 1 / main.timescale }
          : undefined;
      }),
    }));
    const [first, ...others] = cuts;
    for (const { representation, starts } of others) {
      const at = starts.findIndex((start, index) => {
        const wanted = first?.starts[index];
        return start && wanted && Math.abs(start.seconds - wanted.seconds) > start.tick + wanted.tick;
      });
      const count = first?.starts.length ?? 0;
      const expected = at < 0 ? `${count} segments` : `segment ${at + 1} at ${first?.starts[at]?.seconds} s`;
      const found = at < 0 ? `${starts.length}` : `${starts[at]?.seconds} s`;
      if (at < 0 && starts.length === count) continue;
      report({
        line: representation.element.line,
        expected: `${representationName(representation)}: ${expected}`,
        found,
      });
    }
  },
};

/** Brands that say that a track is CMAF. */
function isCmaf(view: RepresentationView): boolean {
  const brands = initOf(view)?.brands;
  return brands !== undefined && (brands.has('cmfc') || brands.has('cmf2'));
}

const SWITCHING: Rule<SetView> = {
  ...DASH,
  id: 'CMAF-SWITCHING-SET',
  reference: 'ISO/IEC 23000-19, 7.3.4',
  asks: 'CMAF tracks of a set have one timescale, one language and one encryption scheme',
  check: (view, report) => {
    const [first, ...others] = tracksOf(view)
      .filter((one) => isCmaf(one.view))
      .map(({ track, view: { representation } }) => ({
        line: representation.element.line,
        name: representationName(representation),
        text: [
          `timescale ${track.timescale}`,
          `language ${track.extendedLanguage ?? track.language}`,
          track.entries[0]?.protection?.scheme ?? 'clear',
        ].join(', '),
      }));
    for (const { line, name, text } of others) {
      if (first && text !== first.text) report({ line, expected: `${name}: ${first.text}`, found: text });
    }
  },
};

const LANGUAGE: Rule<SetView> = {
  severity: 'warning',
  id: 'DASH-MEDIA-LANGUAGE',
  reference: 'ISO/IEC 23009-1, 5.3.3.2; ISO/IEC 14496-12, 8.4.2 and 8.4.6',
  asks: '@lang of sound is not another than the media says',
  check: ({ set, views }, report) => {
    const said = primaryLanguage(set.element.attributes.get('lang'));
    for (const { representation, ...listed } of views) {
      if (contentTypeOf(representation) !== 'audio') continue;
      const track = trackOfKind(initOf(listed), 'audio');
      const is = primaryLanguage(track?.extendedLanguage ?? track?.language);
      if (said !== undefined && is !== undefined && said !== is) {
        report({ line: set.element.line, expected: is, found: said });
      }
    }
  },
};

export const DASH_SET_RULES: readonly Rule<SetView>[] = [CONTENT, MIXED, ALIGNMENT, SWITCHING, LANGUAGE];
