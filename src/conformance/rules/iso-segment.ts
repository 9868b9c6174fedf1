import { TFHD } from '../boxes/fragment.js';
import { type BoxNode, boxesIn, boxIn, fieldsOf } from '../boxes/node.js';
import { type Segment, trackOf } from '../media/segment.js';
import type { Rule } from './rule.js';

const STYP: Rule<Segment> = {
  id: 'ISO-STYP-FIRST',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.16.2',
  asks: 'a styp box, where there is one, is the first of its segment',
  check: ({ boxes }, report) => {
    const at = boxes.findIndex(({ type }) => type === 'styp');
    // Segments may be joined; each then begins with its own.
    const afterMedia = boxes[at - 1]?.type === 'mdat';
    if (at > 0 && !afterMedia) report({ expected: 'styp first', found: `${boxes[0]?.type} before it` });
  },
};

const isMoof = ({ type }: BoxNode): boolean => type === 'moof';

/** Messages of one scheme, value and id are of one event; undefined where a box cannot be read. */
function eventOf(box: BoxNode): string | undefined {
  const fields = fieldsOf(box, 'emsg');
  return fields && [fields.scheme_id_uri, fields.value, fields.id].join('\0');
}

const EMSG: Rule<Segment> = {
  id: 'ISO-EMSG-ORDER',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 5.10.3.3.1; ISO/IEC 23000-19, 7.4.5',
  asks: 'emsg boxes stand before the first fragment of a segment; before later ones are only equivalents of these',
  check: ({ boxes }, report) => {
    const [first, last] = [boxes.findIndex(isMoof), boxes.findLastIndex(isMoof)];
    const known = new Set(boxesIn(boxes.slice(0, Math.max(0, first)), 'emsg').map(eventOf));
    const late = boxes.findIndex(
      (box, index) => box.type === 'emsg' && index > first && (index > last || !known.has(eventOf(box))),
    );
    if (first >= 0 && late >= 0) report({ expected: 'emsg before moof', found: 'emsg behind it' });
  },
};

const MOOF: Rule<Segment> = {
  id: 'ISO-MOOF',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 6.3.4.2; ISO/IEC 23000-19, 7.3.2.4; RFC 8216, 3.3',
  asks: 'a segment has fragments: moof with mfhd first and a traf, each followed by its mdat',
  check: ({ fragments }, report) => {
    if (fragments.length === 0) report({ expected: 'a moof box', found: 'none' });
    for (const { moof, mdats, trafs } of fragments) {
      const where = `moof at ${moof.start}`;
      if (moof.children[0]?.type !== 'mfhd') {
        report({ expected: `mfhd first in ${where}`, found: moof.children[0]?.type ?? 'nothing' });
      }
      if (trafs.length === 0) report({ expected: `a traf in ${where}`, found: 'none' });
      if (mdats.length === 0) report({ expected: `mdat behind ${where}`, found: 'none' });
    }
  },
};

const TFHD_TRACK: Rule<Segment> = {
  id: 'ISO-TFHD-TRACK',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.8.7; ISO/IEC 23000-19, 7.5.16; RFC 8216, 3.3',
  asks: 'fragments are of tracks of the initialisation segment, and their sample entries are there',
  check: (segment, report) => {
    for (const { trackId, description } of segment.fragments.flatMap(({ trafs }) => trafs)) {
      const track = trackOf(segment, trackId);
      const ids = segment.init.tracks.map(({ id }) => id).join(', ');
      if (!track) report({ expected: `track ${ids}`, found: `track ${trackId}` });
      else if (description < 1 || description > track.entries.length) {
        report({ expected: `sample entry 1 to ${track.entries.length}`, found: String(description) });
      }
    }
  },
};

const BASE: Rule<Segment> = {
  id: 'ISO-BASE-IS-MOOF',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 6.3.4.2; ISO/IEC 23000-19, 7.5.16; RFC 8216, 3.3',
  asks: 'tfhd sets default-base-is-moof and has no base data offset',
  check: ({ fragments }, report) => {
    for (const { flags } of fragments.flatMap(({ trafs }) => trafs)) {
      if ((flags & TFHD.baseIsMoof) === 0 || (flags & TFHD.baseDataOffset) !== 0) {
        report({
          expected: 'flag 0x020000, not 0x000001',
          found: `0x${flags.toString(16).padStart(6, '0')}`,
        });
      }
    }
  },
};

const TFDT: Rule<Segment> = {
  id: 'ISO-TFDT',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 6.3.4.2; ISO/IEC 23000-19, 7.5.16; RFC 8216, 3.3',
  asks: 'every traf has a tfdt',
  check: ({ fragments }, report) => {
    for (const { box, decodeTime } of fragments.flatMap(({ trafs }) => trafs)) {
      if (decodeTime === undefined) report({ expected: `tfdt in traf at ${box.start}`, found: 'none' });
    }
  },
};

const DURATION: Rule<Segment> = {
  id: 'ISO-SAMPLE-DURATION',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.8.3 and 8.8.8',
  asks: 'samples have durations: in trun, tfhd or trex',
  check: ({ fragments }, report) => {
    for (const { run } of fragments.flatMap(({ trafs }) => trafs)) {
      if (run?.duration === 0) report({ expected: 'durations', found: `${run.samples} samples that last 0` });
    }
  },
};

const DATA: Rule<Segment> = {
  id: 'ISO-TRUN-DATA',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.8.8; ISO/IEC 23000-19, 7.3.2.3',
  asks: "the samples of a fragment lie in the fragment's mdat: none before it, none beyond it",
  check: ({ fragments }, report) => {
    for (const { trafs, mdats } of fragments) {
      for (const { start, end } of trafs.flatMap(({ run }) => run?.data ?? [])) {
        if (
          start === end ||
          mdats.length === 0 ||
          mdats.some((mdat) => start >= mdat.body && end <= mdat.end)
        )
          continue;
        const media = mdats.map((mdat) => `${mdat.body}-${mdat.end}`).join(', ');
        report({ expected: `samples in bytes ${media}`, found: `in bytes ${start}-${end}` });
      }
    }
  },
};

const SYNC: Rule<Segment> = {
  id: 'ISO-SYNC-SAMPLE',
  severity: 'error',
  reference: 'ISO/IEC 14496-15, 5.3.3 and 8.2.3; ISO/IEC 14496-12, 8.8.3',
  asks: 'what is said to be a sync sample is one: its first slice is of an IDR picture (of HEVC: of a random access point)',
  check: (segment, report) => {
    for (const { trackId, run } of segment.fragments[0]?.trafs ?? []) {
      const picture = segment.pictures.get(trackId);
      if (picture === 'broken') report({ expected: 'NAL units that fill the first sample', found: 'others' });
      if (run?.firstSync && picture === 'other') {
        report({ expected: 'an intra picture to begin with', found: 'another, marked as sync sample' });
      }
    }
  },
};

const SEQUENCE: Rule<Segment> = {
  id: 'ISO-MFHD-SEQUENCE',
  severity: 'warning',
  reference: 'ISO/IEC 14496-12, 8.8.5',
  asks: 'sequence numbers of fragments grow within a segment, and are not 0',
  check: ({ fragments }, report) => {
    let last = 0;
    for (const { sequence } of fragments) {
      if (sequence === undefined) continue;
      if (sequence <= last) report({ expected: `more than ${last}`, found: String(sequence) });
      last = sequence;
    }
  },
};

/** A file of several segments (SegmentBase without an index, for instance) has several of everything. */
export function isOneSegment({ boxes }: Segment): boolean {
  return boxesIn(boxes, 'styp').length <= 1 && boxIn(boxes, 'moov') === undefined;
}

export const ISO_SEGMENT_RULES: readonly Rule<Segment>[] = [
  ...[STYP, EMSG, MOOF, TFHD_TRACK, BASE, TFDT, DURATION, DATA, SYNC, SEQUENCE],
];
