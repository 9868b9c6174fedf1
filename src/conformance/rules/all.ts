import { DASH_PARSER } from '../dash/second-reader.js';
import { HLS_PARSER } from '../hls/second-reader.js';
import { SOURCE_RULES } from '../source/rules.js';
import { APPLE_LISTED_RULES, APPLE_MASTER_RULES, APPLE_VARIANT_RULES } from './apple.js';
import { CENC_INIT_RULES, CENC_SEGMENT_RULES } from './cenc.js';
import { CMAF_INIT_RULES } from './cmaf-init.js';
import { CMAF_SEGMENT_RULES } from './cmaf-segment.js';
import { DASH_MEDIA_RULES } from './dash-media.js';
import { DASH_MPD_RULES, DASH_XML } from './dash-mpd.js';
import { DASH_PERIOD_RULES } from './dash-periods.js';
import { DASH_PROTECTION_RULES } from './dash-protection.js';
import { DASH_SEGMENT_RULES } from './dash-segments.js';
import { DASH_SET_RULES } from './dash-set.js';
import { HLS_IFRAME_RULES } from './hls-iframes.js';
import { HLS_LISTED_RULES } from './hls-listed.js';
import { HLS_MASTER_RULES } from './hls-master.js';
import { HLS_MEDIA_RULES } from './hls-media.js';
import { HLS_TEXT_RULES } from './hls-text.js';
import { HLS_TOGETHER_RULES } from './hls-together.js';
import { HLS_VARIANT_RULES } from './hls-variant.js';
import { ISO_INIT_RULES } from './iso-init.js';
import { ISO_SEGMENT_RULES } from './iso-segment.js';
import { BOX_FIELDS, BOX_STRUCTURE } from './media.js';
import type { RuleInfo } from './rule.js';
import { WEBVTT_RULES } from './webvtt.js';
import { SIDX } from './sidx.js';
import { TRACK_RULES } from './tracks.js';

/** Every rule, by family: files, boxes, CMAF, encryption, HLS, Apple's, DASH. */
export const RULES: readonly RuleInfo[] = [
  ...SOURCE_RULES,
  ...[BOX_STRUCTURE, BOX_FIELDS, ...ISO_INIT_RULES, ...ISO_SEGMENT_RULES, SIDX],
  ...TRACK_RULES.filter(({ profile }) => profile === undefined),
  ...[...CMAF_INIT_RULES, ...CMAF_SEGMENT_RULES],
  ...TRACK_RULES.filter(({ profile }) => profile === 'cmaf'),
  ...DASH_SET_RULES.filter(({ id }) => id.startsWith('CMAF-')),
  ...[...CENC_INIT_RULES, ...CENC_SEGMENT_RULES],
  ...[...HLS_TEXT_RULES, ...HLS_MASTER_RULES, ...HLS_MEDIA_RULES, ...HLS_LISTED_RULES],
  ...[...HLS_VARIANT_RULES, ...HLS_TOGETHER_RULES, ...HLS_IFRAME_RULES, ...WEBVTT_RULES, HLS_PARSER],
  ...[...APPLE_MASTER_RULES, ...APPLE_VARIANT_RULES, ...APPLE_LISTED_RULES],
  ...[DASH_XML, ...DASH_MPD_RULES, ...DASH_SEGMENT_RULES, ...DASH_MEDIA_RULES],
  ...[...DASH_SET_RULES.filter(({ id }) => id.startsWith('DASH-')), ...DASH_PROTECTION_RULES],
  ...[...DASH_PERIOD_RULES, DASH_PARSER],
];
