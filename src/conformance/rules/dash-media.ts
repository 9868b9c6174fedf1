import { type SampleEntry, pixelRatio } from '../boxes/init.js';
import { codecList, sameCodec } from '../codecs.js';
import { codecsOf, frameRateOf, initOf, trackOfKind } from '../hls/listed.js';
import type { RepresentationView } from '../dash/view.js';
import type { Representation } from '../dash/mpd.js';
import { type Element, childrenOf } from '../dash/xml.js';
import type { Rule } from './rule.js';

const DASH = { severity: 'error' } as const;

function entryOf(view: RepresentationView, kind: 'video' | 'audio'): SampleEntry | undefined {
  return trackOfKind(initOf(view), kind)?.entries[0];
}

const CODECS: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-CODECS',
  reference: 'ISO/IEC 23009-1, 5.3.7.2; RFC 6381',
  asks: '@codecs is that of the sample entries',
  check: (view, report) => {
    const text = view.representation.attribute('codecs');
    const media = codecsOf(view);
    if (text === undefined || !media) return;
    const declared = codecList(text);
    const fits =
      media.every((codec) => declared.some((one) => sameCodec(one, codec))) &&
      declared.every((one) => media.some((codec) => sameCodec(one, codec)));
    if (!fits) {
      report({ line: view.representation.element.line, expected: media.join(', '), found: text });
    }
  },
};

const CODECS_THERE: Rule<RepresentationView> = {
  ...DASH,
  profile: 'dash-if',
  id: 'DASH-CODECS-MISSING',
  reference: 'DASH-IF IOP 4.3, 3.2.4',
  asks: 'representations of media say @codecs',
  check: ({ representation }, report) => {
    const { attribute, element } = representation;
    if (/^(video|audio)\//.test(attribute('mimeType') ?? '') && attribute('codecs') === undefined) {
      report({ line: element.line, expected: 'codecs', found: 'none' });
    }
  },
};

const SIZE: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-VIDEO-SIZE',
  reference: 'ISO/IEC 23009-1, 5.3.7.2',
  asks: '@width and @height are those of the pictures: in samples or, without @sar, as they are displayed',
  check: (view, report) => {
    const { attribute, element } = view.representation;
    const entry = entryOf(view, 'video');
    if (!entry) return;
    // Without @sar they count in square pixels, though many write samples there too.
    const ratio = attribute('sar') === undefined ? pixelRatio(entry) : 1;
    const displayed = { width: Math.round(entry.width * ratio), height: Math.round(entry.height / ratio) };
    for (const name of ['width', 'height'] as const) {
      const text = attribute(name);
      if (text === undefined || [entry[name], displayed[name]].includes(Number(text))) continue;
      report({ line: element.line, expected: `${name} ${entry[name]}`, found: text });
    }
  },
};

/** A ratio such as `24`, `24000/1001` or `1:1`. */
function ratio(text: string | undefined): number | undefined {
  const match = /^(\d{1,9})(?:[/:](\d{1,9}))?$/.exec(text ?? '');
  if (!match) return undefined;
  const value = Number(match[1]) / Number(match[2] ?? 1);
  return Number.isFinite(value) ? value : undefined;
}

/** Frames a second. */
const FRAME_TOLERANCE = 0.02;

const FRAME_RATE: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-FRAME-RATE',
  reference: 'ISO/IEC 23009-1, 5.3.7.2',
  asks: '@frameRate is that of the pictures',
  check: (view, report) => {
    const { attribute, element } = view.representation;
    const text = attribute('frameRate');
    const measured = text === undefined ? undefined : frameRateOf(view);
    if (!measured?.constant) return;
    const rate = ratio(text);
    if (rate !== undefined && Math.abs(rate - measured.rate) <= FRAME_TOLERANCE) return;
    report({ line: element.line, expected: measured.rate.toFixed(3), found: text ?? '' });
  },
};

const CHANNEL_SCHEMES = new Set([
  'urn:mpeg:dash:23003:3:audio_channel_configuration:2011',
  'urn:mpeg:mpegB:cicp:ChannelConfiguration',
]);

/** Channels by the channel configurations of ISO/IEC 23091-3; of the first scheme it is the same table or their number. */
const CONFIGURED: Readonly<Record<string, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 12: 8 };

const AUDIO: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-AUDIO',
  reference: 'ISO/IEC 23009-1, 5.3.7.2 and 5.8.5.4',
  asks: '@audioSamplingRate and AudioChannelConfiguration are those of the sound',
  check: (view, report) => {
    const { attribute, element, set } = view.representation;
    const entry = entryOf(view, 'audio');
    if (!entry) return;
    const rate = attribute('audioSamplingRate');
    // HE-AAC plays at twice the rate that its sample entry may have.
    const rates = [entry.sampleRate, 2 * entry.sampleRate].map(String);
    if (rate !== undefined && entry.sampleRate > 0 && !rates.includes(rate) && !/^opus/i.test(entry.format)) {
      report({ line: element.line, expected: `audioSamplingRate ${entry.sampleRate}`, found: rate });
    }
    const configurations = [element, set.element].flatMap((one) =>
      childrenOf(one, 'AudioChannelConfiguration'),
    );
    const known = configurations.find(({ attributes }) =>
      CHANNEL_SCHEMES.has(attributes.get('schemeIdUri') ?? ''),
    );
    const value = known?.attributes.get('value') ?? '';
    if (!known || entry.channels === undefined) return;
    if (CONFIGURED[value] === entry.channels || value === String(entry.channels)) return;
    report({ line: known.line, expected: `${entry.channels} channels`, found: value });
  },
};

const SAR: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-SAR',
  reference: 'ISO/IEC 23009-1, 5.3.7.2; ISO/IEC 14496-12, 12.1.4',
  asks: '@sar is that of pasp, where both are there',
  check: (view, report) => {
    const { attribute, element } = view.representation;
    const text = attribute('sar');
    const pixel = entryOf(view, 'video')?.pixel;
    if (text === undefined || !pixel || pixel.height === 0) return;
    const value = ratio(text);
    if (value === undefined || Math.abs(value - pixel.width / pixel.height) > 0.001) {
      report({ line: element.line, expected: `${pixel.width}:${pixel.height}`, found: text });
    }
  },
};

const CICP = 'urn:mpeg:mpegB:cicp:';
const POINTS = {
  ColourPrimaries: 'primaries',
  TransferCharacteristics: 'transfer',
  MatrixCoefficients: 'matrix',
} as const;

/** Properties of a representation and of its set, supplemental and essential. */
function propertiesOf({ element, set }: Representation): Element[] {
  const names = ['EssentialProperty', 'SupplementalProperty'];
  return [element, set.element].flatMap((one) => names.flatMap((name) => childrenOf(one, name)));
}

const COLOUR: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-CICP',
  reference: 'ISO/IEC 23009-1, 5.8.5.1; ISO/IEC 23091-2, 8; DASH-IF IOP 4.3, 10',
  asks: 'colour primaries, transfer characteristics and matrix in an MPD are those of colr; of PQ and HLG the transfer is said',
  check: (view, report) => {
    const colour = entryOf(view, 'video')?.colour;
    if (!colour) return;
    const { element } = view.representation;
    const said = new Set<string>();
    for (const { attributes, line } of propertiesOf(view.representation)) {
      const scheme = attributes.get('schemeIdUri') ?? '';
      const name = scheme.startsWith(CICP) ? scheme.slice(CICP.length) : '';
      const point = POINTS[name as keyof typeof POINTS] as keyof typeof colour | undefined;
      if (point === undefined) continue;
      said.add(point);
      const value = attributes.get('value') ?? '';
      if (value !== String(colour[point]))
        report({ line, expected: `${name} ${colour[point]}`, found: value });
    }
    if ((colour.transfer === 16 || colour.transfer === 18) && !said.has('transfer')) {
      report({ line: element.line, expected: `TransferCharacteristics ${colour.transfer}`, found: 'none' });
    }
  },
};

export const DASH_MEDIA_RULES: readonly Rule<RepresentationView>[] = [
  ...[CODECS, CODECS_THERE, SIZE, FRAME_RATE, AUDIO, SAR, COLOUR],
];
