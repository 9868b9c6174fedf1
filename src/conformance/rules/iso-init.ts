import { CONFIGURATIONS } from '../boxes/codec-string.js';
import type { Init, InitTrack } from '../boxes/init.js';
import { type BoxNode, boxAt, boxIn } from '../boxes/node.js';
import type { Rule } from './rule.js';

/** How a finding names a track. */
export function trackName({ id, handler }: InitTrack): string {
  return `track ${id} (${handler === '' ? 'no handler' : handler})`;
}

const BOXES: Rule<Init> = {
  id: 'ISO-INIT-BOXES',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 6.3.3; RFC 8216, 3.3',
  asks: 'an initialisation segment begins with ftyp and has one moov; it has no fragments and no media data',
  check: ({ boxes }, report) => {
    const types = boxes.map(({ type }) => type);
    if (types[0] !== 'ftyp') report({ expected: 'ftyp as its first box', found: types[0] ?? 'no box' });
    const moovs = types.filter((type) => type === 'moov').length;
    if (moovs !== 1) report({ expected: 'one moov', found: String(moovs) });
    for (const type of ['moof', 'mdat']) {
      if (types.includes(type)) report({ expected: 'no media', found: type });
    }
  },
};

/** Number of entries of a table of samples: behind version and flags; of stsz behind the common size too. */
function entriesOf(table: BoxNode | undefined): number | undefined {
  const at = table?.type === 'stsz' ? 16 : 12;
  return table && table.data.length >= at + 4 ? table.data.readUInt32BE(at) : undefined;
}

const EMPTY: Rule<Init> = {
  id: 'ISO-INIT-EMPTY',
  severity: 'error',
  reference: 'ISO/IEC 23009-1, 6.3.3; RFC 8216, 3.3; ISO/IEC 23000-19, 7.5.12',
  asks: 'the sample tables of an initialisation segment are there and empty',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      const stbl = boxAt(track.box, 'mdia', 'minf', 'stbl');
      for (const type of ['stts', 'stsc', 'stsz', 'stco']) {
        const box = boxIn(stbl?.children ?? [], type) ?? (type === 'stsz' ? boxAt(stbl, 'stz2') : undefined);
        const entries = type === 'stco' ? (entriesOf(box) ?? entriesOf(boxAt(stbl, 'co64'))) : entriesOf(box);
        if (entries !== 0) {
          const found = entries === undefined ? `no ${type}` : `${entries} entries in ${type}`;
          report({ expected: `${trackName(track)}: empty sample tables`, found });
        }
      }
    }
  },
};

const TREX: Rule<Init> = {
  id: 'ISO-TREX',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.8.3; RFC 8216, 3.3; ISO/IEC 23000-19, 7.5.14',
  asks: 'mvex has a trex for every track',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      if (!track.trex) report({ expected: `a trex for ${trackName(track)}`, found: 'none' });
    }
  },
};

const TRACK_IDS: Rule<Init> = {
  id: 'ISO-TRACK-IDS',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.3.2.3',
  asks: 'tracks have ids of their own, not 0',
  check: ({ tracks, moov }, report) => {
    const ids = tracks.map(({ id }) => id);
    if (moov && ids.length === 0) report({ expected: 'a track', found: 'none' });
    if (ids.includes(0)) report({ expected: 'track ids from 1', found: '0' });
    if (new Set(ids).size !== ids.length) report({ expected: 'different track ids', found: ids.join(', ') });
  },
};

const TIMESCALE: Rule<Init> = {
  id: 'ISO-TIMESCALE',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.4.2.3',
  asks: 'tracks have a timescale',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      if (track.timescale === 0) report({ expected: `a timescale of ${trackName(track)}`, found: '0' });
    }
  },
};

/** Media header and sample entries that belong to a handler. */
const MEDIA: Readonly<Record<string, { header: string; formats: RegExp }>> = {
  vide: { header: 'vmhd', formats: /^(avc|hvc|hev|dv|av01|vp|vvc|encv)/ },
  soun: { header: 'smhd', formats: /^(mp4a|ac-|ec-|Opus|fLaC|alac|mha|mhm|enca|apac)/ },
  // ISO/IEC 14496-30, 5.2 and 7.2; other formats of text have other headers.
  text: { header: 'nmhd', formats: /^wvtt/ },
  subt: { header: 'sthd', formats: /^stpp/ },
};

const HANDLER: Rule<Init> = {
  id: 'ISO-HANDLER',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.4.3, 12.1 and 12.2; ISO/IEC 14496-30, 5.2 and 7.2',
  asks: 'handler, media header and sample entries of a track are of one kind',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      const name = trackName(track);
      if (track.handler === '') report({ expected: `a handler of track ${track.id}`, found: 'none' });
      const wanted = MEDIA[track.handler];
      if (!wanted) continue;
      const isOfOther = track.kind === 'text' && !track.entries.some(({ type }) => wanted.formats.test(type));
      if (!isOfOther && !boxAt(track.box, 'mdia', 'minf', wanted.header)) {
        const others = boxAt(track.box, 'mdia', 'minf')?.children.map(({ type }) => type) ?? [];
        report({ expected: `${name}: ${wanted.header}`, found: others.join(', ') || 'no minf' });
      }
      for (const { type } of track.entries) {
        const foreign = Object.values(MEDIA).some((media) => media !== wanted && media.formats.test(type));
        if (foreign) report({ expected: `${name}: sample entries of its kind`, found: type });
      }
    }
  },
};

const SAMPLE_ENTRY: Rule<Init> = {
  id: 'ISO-SAMPLE-ENTRY',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.5.2; ISO/IEC 14496-15, 5.4.2 and 8.4.1; ISO/IEC 14496-30, 7.5',
  asks: 'tracks have a sample entry, and it has the configuration of its codec; pictures have a size',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      const name = trackName(track);
      if (track.entries.length === 0) report({ expected: `${name}: a sample entry`, found: 'none' });
      for (const { format, codec, width, height } of track.entries) {
        const box = CONFIGURATIONS.get(format);
        if (box !== undefined && codec === undefined) {
          report({ expected: `${name}: ${box} in ${format}`, found: 'none that can be read' });
        }
        if (track.kind === 'video' && (width === 0 || height === 0)) {
          report({ expected: `${name}: a size`, found: `${width}x${height}` });
        }
      }
    }
  },
};

const EDIT_LIST: Rule<Init> = {
  id: 'ISO-EDIT-LIST',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.6.6',
  asks: 'an edit list shows the media once, at its speed: an empty edit at most, then one of rate 1',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      if (!track.edits) continue;
      const shown = track.edits.filter(({ mediaTime }) => mediaTime !== -1);
      const empty = track.edits.length - shown.length;
      const text = track.edits.map(({ mediaTime, rate }) => `${mediaTime}×${rate}`).join(', ') || 'no edits';
      const wrong =
        shown.length !== 1 || empty > 1 || shown.some(({ mediaTime, rate }) => mediaTime < 0 || rate !== 1);
      const late = empty === 1 && track.edits[0]?.mediaTime !== -1;
      if (wrong || late) report({ expected: `${trackName(track)}: one edit of rate 1`, found: text });
    }
  },
};

const TKHD_SIZE: Rule<Init> = {
  id: 'ISO-TKHD-SIZE',
  severity: 'warning',
  reference: 'ISO/IEC 14496-12, 8.3.2.3 and 12.1.4.1',
  asks: "tkhd's size is that of the pictures, in square pixels",
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      const tkhd = boxAt(track.box, 'tkhd');
      const [entry] = track.entries;
      if (track.kind !== 'video' || !entry || !tkhd || tkhd.data.length < 8) continue;
      // Its last two fields, in 16.16 fixed point.
      const [width, height] = [8, 4].map((back) => tkhd.data.readUInt32BE(tkhd.data.length - back) / 0x10000);
      const ratio = entry.pixel && entry.pixel.height > 0 ? entry.pixel.width / entry.pixel.height : 1;
      const same = (a: number | undefined, b: number): boolean => Math.abs((a ?? 0) - b) <= 1;
      // Either side may be the one that is stretched.
      const fits =
        (same(width, entry.width * ratio) && same(height, entry.height)) ||
        (same(width, entry.width) && same(height, entry.height / ratio)) ||
        (same(width, entry.width) && same(height, entry.height));
      if (!fits) {
        const expected = `${trackName(track)}: ${entry.width}x${entry.height}, pixels ${ratio.toFixed(3)} wide`;
        report({ expected, found: `${width}x${height}` });
      }
    }
  },
};

export const ISO_INIT_RULES: readonly Rule<Init>[] = [
  ...[BOXES, EMPTY, TREX, TRACK_IDS, TIMESCALE, HANDLER, SAMPLE_ENTRY, EDIT_LIST, TKHD_SIZE],
];
