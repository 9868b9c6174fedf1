import type { Init } from '../boxes/init.js';
import type { Segment } from '../media/segment.js';
import { CENC_INIT_RULES, CENC_SEGMENT_RULES } from './cenc.js';
import { CMAF_INIT_RULES } from './cmaf-init.js';
import { CMAF_SEGMENT_RULES } from './cmaf-segment.js';
import { ISO_INIT_RULES } from './iso-init.js';
import { ISO_SEGMENT_RULES } from './iso-segment.js';
import type { Rule, RuleInfo } from './rule.js';
import { SIDX } from './sidx.js';

/** Applied by the reader of boxes. */
export const BOX_STRUCTURE: RuleInfo = {
  id: 'ISO-BOX-STRUCTURE',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 4.2',
  asks: 'boxes fill the file, or the box, that they are in: none is larger, none is cut off',
};

export const BOX_FIELDS: RuleInfo = {
  id: 'ISO-BOX-FIELDS',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 4.2 and 8',
  asks: 'the fields and tables of a box fit into it',
};

export const INIT_RULES: readonly Rule<Init>[] = [...ISO_INIT_RULES, ...CMAF_INIT_RULES, ...CENC_INIT_RULES];

export const SEGMENT_RULES: readonly Rule<Segment>[] = [
  ...[...ISO_SEGMENT_RULES, SIDX],
  ...[...CMAF_SEGMENT_RULES, ...CENC_SEGMENT_RULES],
];
