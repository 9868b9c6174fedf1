import { boxAt, rename, setWord, word } from '../boxes.js';
import { type Base, type Breaker } from './breaker.js';

const VIDEO = 'moov/trak/mdia/minf/stbl/stsd/encv';
const AUDIO = 'moov/trak/mdia/minf/stbl/stsd/enca';

function patch(
  breaks: string,
  base: Base,
  path: string,
  edit: (bytes: Buffer) => Buffer | void,
  ...rules: string[]
): Breaker {
  return { breaks, base, edit: (stream) => stream.patch(path, edit), rules: rules.sort() };
}

function text(
  breaks: string,
  base: Base,
  path: string,
  from: string | RegExp,
  to: string,
  ...rules: string[]
): Breaker {
  return { breaks, base, edit: (stream) => stream.text(path, from, to), rules: rules.sort() };
}

export const CENC_BREAKERS: Breaker[] = [
  patch(
    'an encrypted track does not say how',
    'cenc',
    'a/init.mp4',
    (bytes) => rename(bytes, `${AUDIO}/sinf/schm`, 'free'),
    ...['CENC-SINF', 'DASH-PROTECTION', 'HLS-KEY-SCHEME'],
  ),
  patch(
    'cbcs without a version that has patterns',
    'cbcs',
    'a/init.mp4',
    (bytes) => setWord(bytes, `${AUDIO}/sinf/schi/tenc`, 8, 0),
    'CENC-TENC',
  ),
  patch(
    'a key id of zeros',
    'cenc',
    'a/init.mp4',
    (bytes) => {
      bytes.fill(
        0,
        boxAt(bytes, `${AUDIO}/sinf/schi/tenc`).start + 16,
        boxAt(bytes, `${AUDIO}/sinf/schi/tenc`).end,
      );
    },
    ...['CENC-PSSH-KID', 'CENC-TENC', 'DASH-DEFAULT-KID', 'HLS-KEY-ID'],
  ),
  patch(
    'a pssh box with other sizes than its data',
    'cenc',
    'v0/init.mp4',
    (bytes) => setWord(bytes, 'moov/pssh[2]', 28, word(bytes, 'moov/pssh[2]', 28) + 1),
    'CENC-PSSH',
  ),
  patch(
    'a pssh box with more key ids than it has room for',
    'cenc',
    'v0/init.mp4',
    (bytes) => setWord(bytes, 'moov/pssh', 28, 0xffffffff),
    'CENC-PSSH',
  ),
  patch(
    'a pssh box that lists other keys',
    'cenc',
    'v0/init.mp4',
    (bytes) => bytes.fill(7, boxAt(bytes, 'moov/pssh').start + 32, boxAt(bytes, 'moov/pssh').end - 4),
    'CENC-PSSH-KID',
  ),
  patch(
    'a fragment without its vectors',
    'cenc',
    'v0/2.m4s',
    (bytes) => {
      for (const type of ['senc', 'saiz', 'saio']) rename(bytes, `moof/traf/${type}`, 'free');
    },
    'CENC-AUX-INFO',
  ),
  patch(
    'a fragment of pictures without its subsamples',
    'cbcs',
    'v0/2.m4s',
    (bytes) => {
      for (const type of ['senc', 'saiz', 'saio']) rename(bytes, `moof/traf/${type}`, 'free');
    },
    'CENC-AUX-INFO',
  ),
  patch(
    'pictures that are encrypted as a whole',
    'cenc',
    'v0/2.m4s',
    // One vector of 8 or 16 bytes a sample, and no subsamples: the flag is taken away.
    (bytes) => {
      const { start } = boxAt(bytes, 'moof/traf/senc');
      bytes.writeUInt32BE(bytes.readUInt32BE(start + 8) & ~2, start + 8);
    },
    ...['CENC-AUX-INFO', 'CENC-SUBSAMPLES', 'CENC-SAIO'],
  ),
  patch(
    'a fragment with sizes but no offsets of its vectors',
    'cenc',
    'v0/2.m4s',
    (bytes) => rename(bytes, 'moof/traf/saio', 'free'),
    'CENC-AUX-INFO',
  ),
  patch(
    'vectors of fewer samples than there are',
    'cenc',
    'v0/2.m4s',
    (bytes) => setWord(bytes, 'moof/traf/saiz', 13, word(bytes, 'moof/traf/saiz', 13) - 1),
    'CENC-SAMPLE-COUNT',
  ),
  patch(
    'subsamples that are larger than their sample',
    'cenc',
    'v0/2.m4s',
    // Version, flags and number; a vector of 16 bytes, the number of subsamples, the bytes in the clear.
    (bytes) => {
      const at = boxAt(bytes, 'moof/traf/senc').start + 16 + 16 + 2;
      bytes.writeUInt16BE(bytes.readUInt16BE(at) + 1, at);
    },
    'CENC-SUBSAMPLES',
  ),
  patch(
    'an offset beside the vectors',
    'cenc',
    'v0/2.m4s',
    (bytes) => setWord(bytes, 'moof/traf/saio', 16, word(bytes, 'moof/traf/saio', 16) + 4),
    'CENC-SAIO',
  ),
  text('a key of the other scheme', 'cbcs', 'a.m3u8', /SAMPLE-AES/g, 'SAMPLE-AES-CTR', 'HLS-KEY-SCHEME'),
  text('no key for what is encrypted', 'cbcs', 'a.m3u8', /#EXT-X-KEY.*\n/g, '', 'HLS-KEY-SCHEME'),
  text('a key without a URI', 'cbcs', 'a.m3u8', /URI="data:text\/plain;base64,[^"]*",IV/, 'IV', 'HLS-KEY'),
  text('a vector of 64 bits', 'cbcs', 'a.m3u8', /IV=0x1122334455667788/, 'IV=0x', 'HLS-KEY'),
  patch(
    'pictures in another pattern than 1:9',
    'cbcs',
    'v0/init.mp4',
    (bytes) => {
      bytes.writeUInt8(0x55, boxAt(bytes, `${VIDEO}/sinf/schi/tenc`).start + 13);
    },
    'APPLE-CBCS-PATTERN',
  ),
  text(
    'another scheme in the MPD',
    'cenc',
    'manifest.mpd',
    'value="cenc"',
    'value="cbcs"',
    'DASH-PROTECTION',
  ),
  text(
    'another key id in the MPD',
    'cenc',
    'manifest.mpd',
    'default_KID="00112233',
    'default_KID="00112234',
    'DASH-DEFAULT-KID',
  ),
  text(
    'a pssh box in the MPD that is cut off',
    'cenc',
    'manifest.mpd',
    /<cenc:pssh>AAAAS[^<]{60}/,
    '<cenc:pssh>AAAASnBzc2g',
    'DASH-PSSH',
  ),
  text(
    'a pssh box in the MPD of another system',
    'cenc',
    'manifest.mpd',
    'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
    'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ee',
    'DASH-PSSH',
  ),
];
