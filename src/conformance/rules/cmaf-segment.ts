import { TFHD, TRUN, type Traf } from '../boxes/fragment.js';
import { boxesIn } from '../boxes/node.js';
import { type Segment, trackOf } from '../media/segment.js';
import type { Rule } from './rule.js';

const CMAF = { severity: 'error', profile: 'cmaf' } as const;

const ONE_TRAF: Rule<Segment> = {
  ...CMAF,
  id: 'CMAF-ONE-TRAF',
  reference: 'ISO/IEC 23000-19, 7.3.2.3 and 7.5.15',
  asks: 'a moof has one traf, and that one trun',
  check: ({ fragments }, report) => {
    for (const { moof, trafs } of fragments) {
      const truns = trafs.reduce((sum, { box }) => sum + boxesIn(box.children, 'trun').length, 0);
      if (trafs.length === 1 && truns === 1) continue;
      report({
        expected: 'one traf with one trun',
        found: `${trafs.length} and ${truns} in moof at ${moof.start}`,
      });
    }
  },
};

const TRUN_RULE: Rule<Segment> = {
  ...CMAF,
  id: 'CMAF-TRUN',
  reference: 'ISO/IEC 23000-19, 7.5.17',
  asks: 'trun is of version 0 or 1 and says where its data begins',
  check: ({ fragments }, report) => {
    for (const { version, flags } of fragments.flatMap(({ trafs }) => trafs.flatMap(({ truns }) => truns))) {
      if (version > 1) report({ expected: 'version 0 or 1', found: String(version) });
      if ((flags & TRUN.dataOffset) === 0) report({ expected: 'a data offset', found: 'none' });
    }
  },
};

const SAP: Rule<Segment> = {
  ...CMAF,
  id: 'CMAF-SAP',
  reference: 'ISO/IEC 23000-19, 7.3.2.4 and 7.3.3.1',
  asks: 'a segment with pictures begins with a sync sample',
  check: (segment, report) => {
    for (const { trackId, run } of segment.fragments[0]?.trafs ?? []) {
      if (trackOf(segment, trackId)?.kind === 'video' && run && !run.firstSync) {
        report({ expected: 'a sync sample to begin with', found: 'another' });
      }
    }
  },
};

/** Which defaults a traf takes from the header instead of saying itself. */
function inherited({ flags, truns }: Traf): string[] {
  const said = (header: number, run: number): boolean =>
    (flags & header) !== 0 || truns.every((trun) => (trun.flags & run) !== 0);
  return [
    ...(said(TFHD.duration, TRUN.duration) ? [] : ['durations']),
    ...(said(TFHD.size, TRUN.size) ? [] : ['sizes']),
    ...(said(TFHD.flags, TRUN.flags) ? [] : ['flags']),
  ];
}

const CMF2: Rule<Segment> = {
  ...CMAF,
  id: 'CMAF-CMF2-FRAGMENTS',
  reference: 'ISO/IEC 23000-19, 7.7.3',
  asks: 'fragments of brand cmf2 say durations, sizes and flags themselves, and pictures use trun of version 1',
  check: (segment, report) => {
    if (!segment.init.brands.has('cmf2')) return;
    for (const traf of segment.fragments.flatMap(({ trafs }) => trafs)) {
      const missing = inherited(traf);
      if (missing.length > 0)
        report({ expected: 'defaults of its own', found: `none for ${missing.join(', ')}` });
      if (trackOf(segment, traf.trackId)?.kind !== 'video') continue;
      const other = traf.truns.find(({ version }) => version !== 1);
      if (other) report({ expected: 'trun of version 1', found: `of version ${other.version}` });
    }
  },
};

export const CMAF_SEGMENT_RULES: readonly Rule<Segment>[] = [ONE_TRAF, TRUN_RULE, SAP, CMF2];
