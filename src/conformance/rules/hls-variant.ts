import { rangeOf } from '../boxes/colour.js';
import { pixelRatio } from '../boxes/init.js';
import { codecList, sameCodec } from '../codecs.js';
import { codecsOf, frameRateOf, initOf, trackOfKind } from '../hls/listed.js';
import { type VariantView, variantRates } from '../hls/view.js';
import type { Rule } from './rule.js';

const HLS = { severity: 'error' } as const;

/** Declared and measured rates may differ by this much (Apple HLS Authoring, 1.26 and 1.27). */
export const RATE_TOLERANCE = 0.1;

/** Frames a second that FRAME-RATE, with its three decimals, may be off. */
const FRAME_TOLERANCE = 0.02;

/** Codecs of text may be named though its segments are no MP4. */
const TEXT_CODEC = /^(wvtt|stpp)/;

const CODECS: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-CODECS',
  reference: 'RFC 8216, 4.3.4.2; RFC 6381',
  asks: 'CODECS names the formats of all media of a variant, audio groups included, and no others',
  check: ({ variant, own, audios, hasText }, report) => {
    if (variant.codecs === undefined) return;
    const media = [codecsOf(own), ...audios.map(({ listed }) => codecsOf(listed))];
    if (media.includes(undefined)) return; // not all of them can be known
    const formats = [...new Set(media.flatMap((codecs) => codecs ?? []))];
    const declared = codecList(variant.codecs).filter((codec) => !(hasText && TEXT_CODEC.test(codec)));
    const missing = formats.some((format) => !declared.some((codec) => sameCodec(codec, format)));
    const others = declared.some((codec) => !formats.some((format) => sameCodec(codec, format)));
    if (missing || others) {
      report({ line: variant.line, expected: formats.join(', '), found: variant.codecs });
    }
  },
};

const CODECS_THERE: Rule<VariantView> = {
  severity: 'warning',
  id: 'HLS-CODECS-MISSING',
  reference: 'RFC 8216, 4.3.4.2; Apple HLS Authoring, 9.1 and 9.3',
  asks: 'variants have CODECS',
  check: ({ variant: { codecs, line } }, report) => {
    if (codecs === undefined) report({ line, expected: 'CODECS', found: 'none' });
  },
};

const RESOLUTION: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-RESOLUTION',
  reference: 'RFC 8216, 4.3.4.2',
  asks: 'RESOLUTION is the size of the pictures, in samples or as they are displayed',
  check: ({ variant: { resolution, line, values }, own }, report) => {
    const text = values.get('RESOLUTION');
    if (text === undefined) return;
    const entry = own && trackOfKind(initOf(own), 'video')?.entries[0];
    if (!resolution) report({ line, expected: '<width>x<height>', found: text });
    else if (entry) {
      const ratio = pixelRatio(entry);
      const widths = [entry.width, Math.round(entry.width * ratio)];
      const heights = [entry.height, Math.round(entry.height / ratio)];
      if (!widths.includes(resolution.width) || !heights.includes(resolution.height)) {
        report({ line, expected: `${entry.width}x${entry.height}`, found: text });
      }
    }
  },
};

const FRAME_RATE: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-FRAME-RATE',
  reference: 'RFC 8216, 4.3.4.2',
  asks: 'FRAME-RATE is that of the pictures, to three decimals',
  check: ({ variant: { frameRate, line, values }, own }, report) => {
    const text = values.get('FRAME-RATE');
    if (text === undefined) return;
    const measured = own && frameRateOf(own);
    if (frameRate === undefined) report({ line, expected: 'a number', found: text });
    else if (measured) {
      // It is the highest rate: of pictures whose rate changes no more can be said.
      const low = frameRate < measured.rate - FRAME_TOLERANCE;
      const high = measured.constant && frameRate > measured.rate + FRAME_TOLERANCE;
      if (low || high) report({ line, expected: measured.rate.toFixed(3), found: text });
    }
  },
};

const RANGE: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-VIDEO-RANGE',
  reference: 'draft-pantos-hls-rfc8216bis, 4.4.6.2; Apple HLS Authoring, 9.16',
  asks: 'VIDEO-RANGE is that of the transfer characteristics, and is there unless they are SDR',
  check: ({ variant: { range, line }, own }, report) => {
    const colour = own && trackOfKind(initOf(own), 'video')?.entries[0]?.colour;
    if (!colour) return;
    const measured = rangeOf(colour);
    if (range === measured || (range === undefined && measured === 'SDR')) return;
    report({ line, expected: measured, found: range ?? 'none' });
  },
};

const BANDWIDTH: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-BANDWIDTH',
  reference: 'RFC 8216, 4.3.4.2; Apple HLS Authoring, 1.27 and 9.13',
  asks: 'the peak segment bit rate of a variant with its dearest audio is not above BANDWIDTH by more than 10%',
  check: (view, report) => {
    const { bandwidth, line } = view.variant;
    const rates = variantRates(view);
    if (bandwidth === undefined || !rates || rates.peak <= bandwidth * (1 + RATE_TOLERANCE)) return;
    report({ line, expected: `${Math.ceil(rates.peak)} bit/s`, found: String(bandwidth) });
  },
};

const AVERAGE: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-AVERAGE-BANDWIDTH',
  reference: 'RFC 8216, 4.3.4.2; Apple HLS Authoring, 1.26',
  asks: 'AVERAGE-BANDWIDTH is the average segment bit rate, with that of the dearest audio (and, or not, of text), within 10%',
  check: (view, report) => {
    const { average, line, values } = view.variant;
    const text = values.get('AVERAGE-BANDWIDTH');
    const rates = variantRates(view);
    if (text === undefined || !rates) return;
    const { average: least, withText } = rates;
    const tolerance = (average ?? 0) * RATE_TOLERANCE;
    if (average === undefined || least > average + tolerance || withText.average < average - tolerance) {
      report({ line, expected: `${Math.ceil(rates.average)} bit/s`, found: text });
    }
  },
};

const CHANNELS: Rule<VariantView> = {
  ...HLS,
  id: 'HLS-CHANNELS',
  reference: 'RFC 8216, 4.3.4.1',
  asks: 'CHANNELS is the number of channels of the sound',
  check: ({ audios }, report) => {
    for (const { rendition, listed } of audios) {
      const declared = rendition.channels?.split('/', 1)[0];
      const measured = listed && trackOfKind(initOf(listed), 'audio')?.entries[0]?.channels;
      if (declared === undefined || measured === undefined || declared === String(measured)) continue;
      report({ line: rendition.line, expected: String(measured), found: rendition.channels ?? '' });
    }
  },
};

/** Applied to every variant. */
export const HLS_VARIANT_RULES: readonly Rule<VariantView>[] = [
  ...[CODECS, CODECS_THERE, RESOLUTION, FRAME_RATE, RANGE, BANDWIDTH, AVERAGE, CHANNELS],
];
