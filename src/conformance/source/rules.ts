import type { RuleInfo } from '../rules/rule.js';

export const SOURCE_MISSING: RuleInfo = {
  id: 'SOURCE-MISSING',
  severity: 'error',
  reference: 'RFC 8216, 6.2.1; ISO/IEC 23009-1, 5.3.9.1',
  asks: 'everything that a manifest names is there, and can be read',
};

export const SOURCE_OUTSIDE: RuleInfo = {
  id: 'SOURCE-OUTSIDE',
  severity: 'error',
  reference: 'hullcast',
  asks: 'references stay inside the folder that is checked; of URLs, http and https are followed. Others are not opened',
};

export const SOURCE_RANGE: RuleInfo = {
  id: 'SOURCE-RANGE',
  severity: 'error',
  reference: 'RFC 8216, 4.3.2.2; ISO/IEC 23009-1, 5.3.9.2.2',
  asks: 'byte ranges lie within their files',
};

export const SOURCE_LIMIT: RuleInfo = {
  id: 'SOURCE-LIMIT',
  severity: 'error',
  reference: 'hullcast',
  asks: 'manifests, boxes and lists are of sizes that are read: an MPD or a playlist of 16 MiB, a box of 8 MiB, 50,000 segments',
};

export const SOURCE_RULES: readonly RuleInfo[] = [SOURCE_MISSING, SOURCE_OUTSIDE, SOURCE_RANGE, SOURCE_LIMIT];
