import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sniffContainer } from '../../src/ingest/index.js';
import { parseBoxHeader } from '../../src/ingest/mp4-boxes.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const ftyp = (brand: string): Buffer => text(`\0\0\0\x20ftyp${brand}\0\0\x02\0isomiso2avc1mp41`);

function transportStream(size: number, offset: number, packets = 10): Buffer {
  const data = Buffer.alloc(offset + size * packets, 0xff);
  for (let packet = 0; packet < packets; packet++) data[offset + packet * size] = 0x47;
  return data;
}

describe('sniffContainer', () => {
  it.each([
    ['mp4', 'mov', ftyp('isom')],
    ['mov', 'mov', ftyp('qt  ')],
    ['m4v', 'mov', ftyp('M4V ')],
    ['3gp', 'mov', ftyp('3gp5')],
    ['mov', 'mov', text('\0\0\0\x08wide\0\0\x10\0mdat')],
    ['mov', 'mov', text('\0\0\0\x01mdat\0\0\0\0\0\0\x20\0')],
    ['matroska', 'matroska', text('\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska')],
    ['webm', 'matroska', text('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm')],
    ['mpegts', 'mpegts', transportStream(188, 0)],
    ['mpegts', 'mpegts', transportStream(188, 101)],
    ['m2ts', 'mpegts', transportStream(192, 4)],
    ['mpeg', 'mpeg', text('\0\0\x01\xba\x44\0\x04\0\x04\x01\0\x01')],
    ['mpeg', 'mpeg', text('\0\0\x01\xba\x21\0\x01\0\x01\x80\0\x01')],
    ['avi', 'avi', text('RIFF\0\x10\0\0AVI LIST')],
    ['mxf', 'mxf', Buffer.from('060e2b34020501010d01020101020400', 'hex')],
    [
      'mxf',
      'mxf',
      Buffer.concat([Buffer.alloc(60_000), Buffer.from('060e2b34020501010d01020101020400', 'hex')]),
    ],
    ['flv', 'flv', text('FLV\x01\x05\0\0\0\x09')],
    ['ogg', 'ogg', text('OggS\0\x02\0\0')],
    ['ivf', 'ivf', text('DKIF\0\0\x20\0VP80')],
    ['y4m', 'yuv4mpegpipe', text('YUV4MPEG2 W16 H16 F24:1')],
  ])('knows %s by its bytes and gives it to %s', (name, demuxer, data) => {
    expect(sniffContainer(data)).toEqual({ name, demuxer });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an HLS playlist', text('#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nfile:///etc/passwd\n')],
    ['a concat script', text("ffconcat version 1.0\nfile '/etc/passwd'\n")],
    ['a DASH manifest', text('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">')],
    ['a session description', text('v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n')],
    ['text', text('This is no video at all. '.repeat(200))],
    ['a PNG', text('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR')],
    ['a JPEG', text('\xff\xd8\xff\xe0\0\x10JFIF\0')],
    ['a HEIC picture', ftyp('heic')],
    ['an AVIF picture', ftyp('avif')],
    ['WAV', text('RIFF\0\x10\0\0WAVEfmt ')],
    ['EBML of another kind', text('\x1a\x45\xdf\xa3\x8b\x42\x82\x84abcd')],
    ['zeros', Buffer.alloc(70_000)],
    ['two sync bytes', transportStream(188, 0, 2)],
  ])('refuses %s', (_, data) => {
    expect(sniffContainer(data)).toBeUndefined();
  });

  it('never takes printable text for a container, but where its first words are a signature', () => {
    const words = fc.string({ unit: 'grapheme-ascii', minLength: 20, maxLength: 400 });
    fc.assert(
      fc.property(words, (value) => {
        fc.pre(!/^(YUV4MPEG2 |.{4}(ftyp|moov|mdat|free|skip|wide|pnot|styp|moof|sidx|uuid))/.test(value));
        fc.pre(!value.includes('G'));
        expect(sniffContainer(text(value))).toBeUndefined();
      }),
    );
  });
});

describe('parseBoxHeader', () => {
  it('reads short, long and open sizes', () => {
    expect(parseBoxHeader(text('\0\0\0\x10free'))).toEqual({ type: 'free', size: 16 });
    expect(parseBoxHeader(text('\0\0\0\0mdat'))).toEqual({ type: 'mdat', size: 0 });
    expect(parseBoxHeader(text('\0\0\0\x01mdat\0\0\0\x02\0\0\0\0'))).toEqual({ type: 'mdat', size: 2 ** 33 });
  });

  it('refuses sizes that a box cannot have, which would stop the walk', () => {
    expect(parseBoxHeader(text('\0\0\0\x07free'))).toBeUndefined();
    expect(parseBoxHeader(text('\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f'))).toBeUndefined();
    expect(parseBoxHeader(text('\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff'))).toBeUndefined();
    expect(parseBoxHeader(text('\0\0\0'))).toBeUndefined();
  });
});
