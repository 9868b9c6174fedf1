import { canonicalLanguage } from '../language.js';
import { type Mpd, durationOf, representationName, representationsOf } from '../dash/mpd.js';
import { parseDuration } from '../dash/duration.js';
import { unknownIdentifiers } from '../dash/addressing.js';
import { type Element, childrenOf } from '../dash/xml.js';
import type { Report, Rule, RuleInfo } from './rule.js';

const DASH = { severity: 'error' } as const;

/** Applied by the reader of XML. */
export const DASH_XML: RuleInfo = {
  ...DASH,
  id: 'DASH-XML',
  reference: 'ISO/IEC 23009-1, 5.2; XML 1.0; Namespaces in XML 1.0',
  asks: 'an MPD is well-formed XML without a document type, and its root is MPD of urn:mpeg:dash:schema:mpd:2011',
};

const STATIC: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-STATIC',
  reference: 'ISO/IEC 23009-1, 5.3.1.2',
  asks: '@type is static or dynamic, and what is static does not say that it will be updated',
  check: ({ root, type }, report) => {
    const { line } = root;
    if (type !== 'static' && type !== 'dynamic') {
      report({ line, expected: 'type static or dynamic', found: type });
    }
    // Other attributes of live presentations have no meaning here, and do no harm.
    if (type === 'static' && root.attributes.has('minimumUpdatePeriod')) {
      const expected = 'no minimumUpdatePeriod of a static presentation';
      report({ line, expected, found: 'minimumUpdatePeriod' });
    }
  },
};

const PROFILES: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-PROFILES',
  reference: 'ISO/IEC 23009-1, 5.3.1.2',
  asks: '@profiles is there, a list of URNs or URLs',
  check: ({ root, profiles }, report) => {
    const wrong = profiles.find((profile) => !/^(urn:[a-z0-9-]+:|https?:\/\/)\S+$/i.test(profile));
    if (wrong !== undefined) {
      report({ line: root.line, expected: 'profiles', found: wrong === '' ? 'none' : wrong });
    }
  },
};

const BUFFER: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-MIN-BUFFER-TIME',
  reference: 'ISO/IEC 23009-1, 5.3.1.2',
  asks: '@minBufferTime is there, and more than 0',
  check: ({ root, minBufferTime }, report) => {
    if (minBufferTime !== undefined && minBufferTime > 0) return;
    report({
      line: root.line,
      expected: 'a duration',
      found: root.attributes.get('minBufferTime') ?? 'none',
    });
  },
};

/** Attributes that are durations. */
const DURATIONS = [
  ...['mediaPresentationDuration', 'minBufferTime', 'minimumUpdatePeriod', 'timeShiftBufferDepth'],
  ...['suggestedPresentationDelay', 'maxSegmentDuration', 'maxSubsegmentDuration'],
];

function checkDurations({ attributes, line }: Element, names: readonly string[], report: Report): void {
  for (const name of names) {
    const text = attributes.get(name);
    if (text !== undefined && parseDuration(text) === undefined) {
      report({ line, expected: `${name} such as PT1H2M3.4S`, found: text });
    }
  }
}

const DURATION: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-DURATION',
  reference: 'ISO/IEC 23009-1, 5.3.1.2; DASH-IF IOP 4.3, 3.2.7.4',
  asks: 'durations are xs:duration without years and months, and a static presentation has one',
  check: ({ root, type, duration, periods }, report) => {
    checkDurations(root, DURATIONS, report);
    for (const { element } of periods) checkDurations(element, ['start', 'duration'], report);
    const known = duration !== undefined || periods.at(-1)?.duration !== undefined;
    const said = root.attributes.has('mediaPresentationDuration');
    if (type === 'static' && !known && !said) {
      report({ line: root.line, expected: 'mediaPresentationDuration', found: 'none' });
    }
  },
};

/** Seconds: durations in MPDs have few decimals. */
const TOLERANCE = 0.002;

const PERIODS: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-PERIODS',
  reference: 'ISO/IEC 23009-1, 5.3.2.1',
  asks: 'there are periods, which follow each other without gap or overlap from 0 to the end of the presentation',
  check: ({ root, type, duration, periods }, report) => {
    if (periods.length === 0) report({ line: root.line, expected: 'a Period', found: 'none' });
    let next: number | undefined = 0;
    for (const { element, start, duration: length } of periods) {
      if (type === 'static' && next !== undefined && Math.abs(start - next) > TOLERANCE) {
        report({ line: element.line, expected: `a period from ${next} s on`, found: `from ${start} s` });
      }
      const own = durationOf(element, 'duration');
      next = (own ?? length) === undefined ? undefined : start + (own ?? length ?? 0);
    }
    if (
      periods.length > 0 &&
      next !== undefined &&
      duration !== undefined &&
      Math.abs(next - duration) > TOLERANCE
    ) {
      report({ line: root.line, expected: `an end at ${duration} s`, found: `at ${next} s` });
    }
  },
};

const IDS: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-IDS',
  reference: 'ISO/IEC 23009-1, 5.3.2.2, 5.3.3.2 and 5.3.5.2',
  asks: 'representations have ids; ids of periods, of adaptation sets and of representations are unique',
  check: ({ periods }, report) => {
    const unique = (elements: readonly Element[], what: string, needed: boolean): void => {
      const seen = new Set<string>();
      for (const { attributes, line } of elements) {
        const id = attributes.get('id');
        if (id === undefined && needed) report({ line, expected: `an id of ${what}`, found: 'none' });
        else if (id !== undefined && seen.has(id))
          report({ line, expected: `another id of ${what}`, found: id });
        if (id !== undefined) seen.add(id);
      }
    };
    unique(
      periods.map(({ element }) => element),
      'a period',
      false,
    );
    for (const { sets } of periods) {
      unique(
        sets.map(({ element }) => element),
        'an adaptation set',
        false,
      );
      const all = sets.flatMap(({ representations }) => representations);
      unique(
        all.map(({ element }) => element),
        'a representation',
        true,
      );
    }
  },
};

const REPRESENTATION: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-REPRESENTATION',
  reference: 'ISO/IEC 23009-1, 5.3.5.2 and 5.3.7.2',
  asks: 'adaptation sets have representations, and these a bandwidth and a MIME type',
  check: (mpd, report) => {
    for (const { element, representations } of mpd.periods.flatMap(({ sets }) => sets)) {
      if (representations.length === 0)
        report({ line: element.line, expected: 'a Representation', found: 'none' });
    }
    for (const one of representationsOf(mpd)) {
      const { line, attributes } = one.element;
      if (!one.bandwidth)
        report({ line, expected: 'bandwidth', found: attributes.get('bandwidth') ?? 'none' });
      const mime = one.attribute('mimeType');
      if (mime === undefined || !/^[a-z]+\/[\w.+-]+/.test(mime)) {
        report({ line, expected: `mimeType of ${representationName(one)}`, found: mime ?? 'none' });
      }
    }
  },
};

const ADDRESSING: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-ADDRESSING',
  reference: 'ISO/IEC 23009-1, 5.3.9.1 and 5.3.9.4',
  asks: 'segments are found in one way: SegmentBase, SegmentList or SegmentTemplate; templates have identifiers that there are',
  check: (mpd, report) => {
    for (const one of representationsOf(mpd)) {
      const { kinds, kind, attributes, line, timeline } = one.addressing;
      const name = representationName(one);
      if (kinds.length > 1)
        report({ line, expected: `one way to segments of ${name}`, found: kinds.join(', ') });
      if (timeline && attributes.has('duration')) {
        report({ line, expected: 'SegmentTimeline or duration', found: 'both' });
      }
      if (kind !== 'template') continue;
      const media = attributes.get('media');
      if (media === undefined) report({ line, expected: `media of ${name}`, found: 'none' });
      else if (!/\$(Number|Time)(%0\d+d)?\$/.test(media) && (timeline?.length ?? 0) > 1) {
        report({ line, expected: '$Number$ or $Time$ in media', found: media });
      }
      for (const template of [media, attributes.get('initialization')]) {
        const [unknown] = unknownIdentifiers(template ?? '');
        if (unknown !== undefined)
          report({ line, expected: '$RepresentationID$, $Number$, $Time$ or $Bandwidth$', found: unknown });
      }
    }
  },
};

const LIVE = 'urn:mpeg:dash:profile:isoff-live:2011';
const ON_DEMAND = 'urn:mpeg:dash:profile:isoff-on-demand:2011';

const PROFILE_ADDRESSING: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-PROFILE-ADDRESSING',
  reference: 'ISO/IEC 23009-1, 8.3.2 and 8.4.2',
  asks: 'the on-demand profile has SegmentBase with an index; the live profile has segments by template (lists pass)',
  check: (mpd, report) => {
    const [live, onDemand] = [LIVE, ON_DEMAND].map((profile) => mpd.profiles.includes(profile));
    if (live === onDemand) return;
    for (const one of representationsOf(mpd)) {
      const { kind, line, attributes } = one.addressing;
      // Text and images beside the media may be single files.
      if (!/^(video|audio)\//.test(one.attribute('mimeType') ?? '')) continue;
      const indexed = kind === 'base' && attributes.has('indexRange');
      if (onDemand && !indexed)
        report({ line, expected: 'SegmentBase with indexRange', found: one.addressing.kind });
      if (live && kind === 'base') report({ line, expected: 'SegmentTemplate', found: 'SegmentBase' });
    }
  },
};

const LANG: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-LANG',
  reference: 'ISO/IEC 23009-1, 5.3.3.2; RFC 5646',
  asks: '@lang is a language tag',
  check: ({ periods }, report) => {
    for (const { element } of periods.flatMap(({ sets }) => sets)) {
      const lang = element.attributes.get('lang');
      if (lang !== undefined && canonicalLanguage(lang) === undefined) {
        report({ line: element.line, expected: 'lang such as "en" or "pt-BR"', found: lang });
      }
    }
  },
};

/** ISO/IEC 23009-1, 5.8.5.5. */
const ROLES = new Set([
  ...[
    'caption',
    'subtitle',
    'main',
    'alternate',
    'supplementary',
    'commentary',
    'dub',
    'description',
    'sign',
  ],
  ...['metadata', 'enhanced-audio-intelligibility', 'emergency', 'easyreader', 'karaoke', 'forced-subtitle'],
]);

const ROLE: Rule<Mpd> = {
  ...DASH,
  id: 'DASH-ROLE',
  reference: 'ISO/IEC 23009-1, 5.8.5.5',
  asks: "roles of MPEG's scheme (urn:mpeg:dash:role:2011) are those that it has",
  check: ({ periods }, report) => {
    for (const { element } of periods.flatMap(({ sets }) => sets)) {
      for (const { attributes, line } of childrenOf(element, 'Role')) {
        const value = attributes.get('value') ?? '';
        if (attributes.get('schemeIdUri') === 'urn:mpeg:dash:role:2011' && !ROLES.has(value)) {
          report({ line, expected: 'a role such as main or alternate', found: value });
        }
      }
    }
  },
};

export const DASH_MPD_RULES: readonly Rule<Mpd>[] = [
  ...[STATIC, PROFILES, BUFFER, DURATION, PERIODS, IDS, REPRESENTATION],
  ...[ADDRESSING, PROFILE_ADDRESSING, LANG, ROLE],
];
