import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrmSystem, Signalling } from '../../../src/keys/index.js';
import { withProtection } from '../../../src/package/drm/mpd.js';
import { withKeyLines, withSessionKeys, withoutKeyLines } from '../../../src/package/drm/playlists.js';
import { parsePssh, psshBox, psshBoxes, withPssh } from '../../../src/package/drm/pssh.js';
import {
  type SignallingFacts,
  type SystemSignalling,
  renditionSignalling,
} from '../../../src/package/drm/signalling.js';
import { widevineData } from '../../../src/package/drm/widevine.js';
import { isXmlContent } from '../../../src/package/drm/xml-fragment.js';
import { AUDIO_KID, HD_KID, SD_KID, encryption } from './facts.js';
import { readProtobuf, readPssh } from './systems.js';

const WIDEVINE = 'edef8ba979d64acea3c827dcd51d21ed';
const PLAYREADY = '9a04f07998404286ab92e65be0885f95';
const COMMON = '1077efecc0b24d02ace33c1e52e2fb4b';
const IV = 'ab'.repeat(16);

const kid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

describe('pssh boxes', () => {
  it('are read by another reader as they were made', () => {
    fc.assert(
      fc.property(
        kid,
        fc.array(kid, { maxLength: 5 }),
        fc.uint8Array({ maxLength: 40 }),
        (systemId, kids, data) => {
          const bytes = psshBox(systemId, kids, data);
          const read = { systemId, kids, data: Buffer.from(data) };
          expect(readPssh(bytes)).toEqual({ version: kids.length > 0 ? 1 : 0, ...read });
          expect(parsePssh(bytes)).toEqual({ bytes, ...read });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are not taken for whole where they are cut or go on', () => {
    const bytes = psshBox(COMMON, [SD_KID, HD_KID], Buffer.from('data'));
    for (let length = 0; length < bytes.length; length += 1)
      expect(parsePssh(bytes.subarray(0, length))).toBeUndefined();
    expect(parsePssh(Buffer.concat([bytes, Buffer.alloc(8)]))).toBeUndefined();
    const other = Buffer.from(bytes);
    other.write('free', 4);
    expect(parsePssh(other)).toBeUndefined();
  });

  it('of Widevine hold key ids and scheme', () => {
    fc.assert(
      fc.property(
        fc.array(kid, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('cenc', 'cbcs'),
        (kids, scheme) => {
          expect(readProtobuf(widevineData(kids, scheme as 'cenc'))).toEqual([
            ...kids.map((each) => [2, Buffer.from(each, 'hex')]),
            [9, Buffer.from(scheme).readUInt32BE()],
          ]);
        },
      ),
    );
  });

  const box = (type: string, ...payload: Buffer[]): Buffer => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(8 + payload.reduce((sum, { length }) => sum + length, 0));
    header.write(type, 4);
    return Buffer.concat([header, ...payload]);
  };

  it('of an initialisation segment are replaced, and nothing else', () => {
    const [a, b] = [psshBox(COMMON, [SD_KID], Buffer.alloc(0)), psshBox(WIDEVINE, [], Buffer.from('x'))];
    const [mvhd, trak, mvex] = [box('mvhd', Buffer.alloc(4)), box('trak', box('tkhd')), box('mvex')];
    const init = (...boxes: Buffer[]): Buffer =>
      Buffer.concat([box('ftyp', Buffer.from('isom')), box('moov', mvhd, trak, mvex, ...boxes), box('free')]);
    expect(psshBoxes(init(a, b)).map(({ systemId }) => systemId)).toEqual([COMMON, WIDEVINE]);
    expect(withPssh(init(a), [b, a])).toEqual(init(b, a));
    expect(withPssh(init(a, b), [])).toEqual(init());
    const scattered = Buffer.concat([box('moov', a, mvhd, b, trak)]);
    expect(withPssh(scattered, [a])).toEqual(box('moov', mvhd, trak, a));
    const broken = Buffer.from(scattered);
    broken.writeUInt32BE(4000, 8);
    for (const none of [box('ftyp'), broken, box('moov', Buffer.from('0000'))]) {
      expect(() => withPssh(none, [a])).toThrow(expect.objectContaining({ code: 'PACKAGE_INIT' }));
    }
  });
});

const MADE = parsePssh(psshBox(PLAYREADY, [], Buffer.from('object')))!;

function facts(systems: DrmSystem[], over: Partial<SignallingFacts> = {}): SignallingFacts {
  return {
    encryption: encryption({ systems }),
    ...{ key: { label: 'SD', kid: SD_KID }, iv: IV, made: [MADE], given: [] },
    ...over,
  };
}

function one(system: DrmSystem, over: Partial<SignallingFacts> = {}): SystemSignalling {
  return renditionSignalling(facts([system], over))[0]!;
}

const base64 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64');
const TIERS = [SD_KID, HD_KID, AUDIO_KID];

describe('what players are told', () => {
  it('of Widevine', () => {
    const pssh = psshBox(WIDEVINE, [], widevineData(TIERS, 'cbcs'));
    const uri = `URI="data:text/plain;base64,${base64(pssh)}"`;
    const format = 'KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",KEYFORMATVERSIONS="1"';
    expect(one('widevine')).toEqual({
      ...{ system: 'widevine', pssh },
      dash:
        '<ContentProtection schemeIdUri="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed">\n' +
        `  <cenc:pssh>${base64(pssh)}</cenc:pssh>\n</ContentProtection>`,
      media: [
        `#EXT-X-KEY:METHOD=SAMPLE-AES,${uri},KEYID=0x${SD_KID.toUpperCase()},IV=0x${IV.toUpperCase()},${format}`,
      ],
      master: [`#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,${uri},${format}`],
    });
  });

  it('of PlayReady: the packager’s box, and its object by itself', () => {
    const licenseUrls = { playready: 'https://x/?a&b' };
    const given = facts(['playready']);
    const { pssh, dash, media } = renditionSignalling({
      ...given,
      encryption: { ...given.encryption, licenseUrls },
    })[0]!;
    expect(pssh).toEqual(MADE.bytes);
    expect(dash.split('\n')).toEqual([
      '<ContentProtection schemeIdUri="urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95" value="MSPR 2.0">',
      `  <cenc:pssh>${base64(MADE.bytes)}</cenc:pssh>`,
      `  <mspr:pro>${base64(Buffer.from('object'))}</mspr:pro>`,
      '  <dashif:Laurl>https://x/?a&#38;b</dashif:Laurl>',
      '</ContentProtection>',
    ]);
    expect(media).toEqual([
      `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;charset=UTF-16;base64,${base64(Buffer.from('object'))}",` +
        'KEYFORMAT="com.microsoft.playready",KEYFORMATVERSIONS="1"',
    ]);
    expect(() => one('playready', { made: [] })).toThrow(expect.objectContaining({ code: 'PACKAGE_INIT' }));
  });

  it('of FairPlay: an address for every key, no box and no IV', () => {
    const tail = `URI="skd://${SD_KID}",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"`;
    expect(one('fairplay')).toEqual({
      system: 'fairplay',
      dash: '<ContentProtection schemeIdUri="urn:uuid:94ce86fb-07ff-4f43-adb8-93d2fa968ca2" value="FairPlay"/>',
      media: [`#EXT-X-KEY:METHOD=SAMPLE-AES,${tail}`],
      master: [`#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,${tail}`],
    });
  });

  it('of ClearKey: key ids, and where licences are before everything else', () => {
    const pssh = psshBox(COMMON, TIERS, Buffer.alloc(0));
    const key = (uri: string, format: string): string =>
      `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,${uri}",KEYID=0x${SD_KID.toUpperCase()},IV=0x${IV.toUpperCase()},` +
      `KEYFORMAT="${format}",KEYFORMATVERSIONS="1"`;
    const id = base64(Buffer.from(SD_KID, 'hex'));
    const own = key(id, 'org.w3.clearkey');
    const common =
      '<ContentProtection schemeIdUri="urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b">\n' +
      `  <cenc:pssh>${base64(pssh)}</cenc:pssh>\n</ContentProtection>`;
    const alone = one('clearkey');
    expect(alone).toMatchObject({ pssh, dash: common });
    expect(alone.media).toEqual([own, key(base64(pssh), 'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed')]);
    // Beside Widevine there is no second line of its key format.
    expect(renditionSignalling(facts(['clearkey', 'widevine']))[1]!.media).toEqual([own]);

    const { encryption: plain } = facts(['clearkey']);
    const licenseUrls = { clearkey: 'https://x/ck' };
    const { dash } = one('clearkey', { encryption: { ...plain, licenseUrls } });
    expect(dash).toBe(
      '<ContentProtection schemeIdUri="urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e" value="ClearKey1.0">\n' +
        `  <dashif:Laurl>https://x/ck</dashif:Laurl>\n</ContentProtection>\n${common}`,
    );
  });

  it('in counter mode names another method, and no IV', () => {
    const given = facts(['widevine', 'playready', 'clearkey'], { iv: undefined });
    const signalled = renditionSignalling({ ...given, encryption: { ...given.encryption, scheme: 'cenc' } });
    const lines = signalled.flatMap(({ media, master }) => [...media, ...master]);
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      expect(line).toContain(':METHOD=SAMPLE-AES-CTR,');
      expect(line).not.toContain('IV=');
    }
  });

  it('comes in one order, whatever order the systems are given in', () => {
    const all: DrmSystem[] = ['clearkey', 'fairplay', 'playready', 'widevine'];
    const order = (systems: DrmSystem[]): DrmSystem[] =>
      renditionSignalling(facts(systems)).map(({ system }) => system);
    expect(order(all)).toEqual(['widevine', 'playready', 'fairplay', 'clearkey']);
    expect(order([...all].reverse())).toEqual(order(all));
  });
});

describe('what a key service gives', () => {
  const from = (
    given: Partial<Signalling>,
    system: DrmSystem = 'widevine',
    over: Partial<SignallingFacts> = {},
  ) => one(system, { given: [{ system, kid: SD_KID, ...given }], ...over });

  it('is for its key and its system alone', () => {
    const pssh = psshBox(WIDEVINE, [], Buffer.from('theirs'));
    const plain = one('widevine');
    expect(from({ pssh })).not.toEqual(plain);
    expect(one('widevine', { given: [{ system: 'widevine', kid: HD_KID, pssh }] })).toEqual(plain);
    expect(one('widevine', { given: [{ system: 'playready', kid: SD_KID, pssh }] })).toEqual(plain);
  });

  it('replaces the box everywhere: in the segment, the MPD, the playlists', () => {
    const pssh = psshBox(WIDEVINE, [], Buffer.from('theirs'));
    const told = from({ pssh });
    expect(told.pssh).toEqual(pssh);
    expect(told.dash).toContain(`<cenc:pssh>${base64(pssh)}<`);
    expect(told.media[0]).toContain(`base64,${base64(pssh)}"`);
    expect(told.master[0]).toContain(`base64,${base64(pssh)}"`);
    const theirs = psshBox(PLAYREADY, [], Buffer.from('their object'));
    const playready = from({ pssh: theirs }, 'playready', { made: [] });
    expect(playready.dash).toContain(`<mspr:pro>${base64(Buffer.from('their object'))}<`);
    const fairplay = psshBox('94ce86fb07ff4f43adb893d2fa968ca2', [SD_KID], Buffer.alloc(0));
    expect(from({ pssh: fairplay }, 'fairplay').pssh).toEqual(fairplay);
  });

  it('goes into the MPD beside the box, or instead of it where it holds one', () => {
    const extra = '<ms:laurl xmlns:ms="urn:microsoft" licenseUrl="https://x"/>';
    expect(from({ dash: extra }).dash).toMatch(/<cenc:pssh>.*<\/cenc:pssh>\n {2}<ms:laurl/);
    const whole = '<cenc:pssh>AAAA</cenc:pssh><mspr:pro>BBBB</mspr:pro>';
    const { dash } = from({ dash: whole }, 'playready');
    expect(dash.match(/<cenc:pssh>/g)).toHaveLength(1);
    expect(dash.match(/<mspr:pro>/g)).toHaveLength(1);
    expect(dash).toContain(whole);
  });

  it('replaces lines of playlists; an IV in them becomes the true one', () => {
    const hlsMedia =
      '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://theirs",IV=0x00,KEYFORMAT="com.apple.streamingkeydelivery"';
    const hlsMaster = `${hlsMedia.replace('EXT-X-KEY', 'EXT-X-SESSION-KEY')}\r\n`;
    const told = from(
      { hlsMedia: `# theirs\n${hlsMedia}\n\n${hlsMedia.replace(',IV=0x00', '')}\n`, hlsMaster },
      'fairplay',
    );
    const bare = 'URI="skd://theirs",KEYFORMAT="com.apple.streamingkeydelivery"';
    expect(told.media).toEqual([
      `#EXT-X-KEY:METHOD=SAMPLE-AES,${bare},IV=0x${IV.toUpperCase()}`,
      `#EXT-X-KEY:METHOD=SAMPLE-AES,${bare}`,
    ]);
    expect(told.master).toEqual([`#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,${bare}`]);
  });

  it.each([
    ['a box that is none', { pssh: Buffer.from('x') }, /not exactly one pssh box/],
    ['two boxes', { pssh: Buffer.concat([MADE.bytes, MADE.bytes]) }, /not exactly one/],
    ['a box of another system', { pssh: MADE.bytes }, /of system 9a04/],
    ['XML that is open', { dash: '<a><b></a>' }, /not well-formed/],
    ['XML with a prefix that nobody declares', { dash: '<x:a/>' }, /not well-formed/],
    ['another tag', { hlsMedia: '#EXT-X-DISCONTINUITY' }, /is no EXT-X-KEY/],
    [
      'a segment',
      { hlsMedia: '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="x"\nevil.m4s' },
      /"evil.m4s" is no EXT-X-KEY/,
    ],
    [
      'another method',
      { hlsMedia: '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="x"' },
      /METHOD is SAMPLE-AES-CTR, cbcs is/,
    ],
    ['no method', { hlsMaster: '#EXT-X-SESSION-KEY:URI="x"' }, /METHOD is missing/],
  ])('is refused: %s', (_, given, message) => {
    expect(() => from(given)).toThrow(message);
    expect(() => from(given)).toThrow(expect.objectContaining({ code: 'DRM_SIGNALLING' }));
  });
});

describe('isXmlContent', () => {
  it.each([
    '',
    'text &amp; more &#38;',
    '<a/>',
    `<cenc:pssh>AAAA</cenc:pssh>\n<mspr:pro>BB</mspr:pro>`,
    `<x:y xmlns:x="urn:x" b='c"d'><x:z/></x:y>`,
    '<a.b-c d="1"  e = "2" />',
  ])('takes %j', (text) => {
    expect(isXmlContent(text, ['cenc', 'mspr'])).toBe(true);
  });

  it.each([
    '<',
    'a > b',
    '<a>',
    '</a>',
    '<a></b>',
    '<a b=c/>',
    '<a b="<"/>',
    'a &nbsp; b',
    '<a b="&nbsp;"/>',
    '&#x;',
    '<?xml version="1.0"?>',
    '<!-- x -->',
    '<!DOCTYPE x>',
    'a & b',
    '<x:a/>',
    '<a x:b="1"/>',
    '<a></a b="1">',
    '</AdaptationSet><AdaptationSet>',
  ])('refuses %j', (text) => {
    expect(isXmlContent(text, ['cenc', 'mspr'])).toBe(false);
  });
});

describe('playlists', () => {
  const HEAD = '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-MAP:URI="init.mp4"\n';

  it('get the lines where the packager had its own', () => {
    const playlist = `${HEAD}#EXT-X-KEY:METHOD=A\n#EXT-X-KEY:METHOD=B\n#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST\n`;
    expect(withKeyLines(playlist, [['#EXT-X-KEY:one$&', '#EXT-X-KEY:two']])).toBe(
      `${HEAD}#EXT-X-KEY:one$&\n#EXT-X-KEY:two\n#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST\n`,
    );
    expect(withoutKeyLines(playlist)).toBe(`${HEAD}#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST\n`);
  });

  it('have no discontinuity after a clear lead', () => {
    const lead = `${HEAD}#EXTINF:2,\n1.m4s\n`;
    const playlist = `${lead}#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=A\n#EXTINF:2,\n2.m4s\n`;
    expect(withKeyLines(playlist, [['#EXT-X-KEY:one']])).toBe(`${lead}#EXT-X-KEY:one\n#EXTINF:2,\n2.m4s\n`);
  });

  const SESSION = (uri: string, more = ''): string =>
    `#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="${uri}"${more},KEYFORMAT="f",KEYFORMATVERSIONS="1"`;

  it('name session keys in the master’s head, none twice, and the version that knows them', () => {
    const tail = '#EXT-X-MEDIA:TYPE=AUDIO\n\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n';
    const master = `#EXTM3U\n## made\n\n#EXT-X-INDEPENDENT-SEGMENTS\n\n${tail}`;
    const lines = [SESSION('a'), SESSION('b$1'), SESSION('a', ',KEYID=0x01')];
    expect(withSessionKeys(master, lines)).toBe(
      `#EXTM3U\n#EXT-X-VERSION:5\n## made\n\n#EXT-X-INDEPENDENT-SEGMENTS\n${SESSION('a')}\n${SESSION('b$1')}\n\n${tail}`,
    );
    expect(withSessionKeys(master, [])).toBe(master);
    const silent = '#EXTM3U\n#EXT-X-VERSION:7\n\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n';
    expect(withSessionKeys(silent, [SESSION('a')])).toBe(
      `#EXTM3U\n#EXT-X-VERSION:7\n${SESSION('a')}\n\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n`,
    );
  });
});

describe('the MPD', () => {
  const set = (id: number, folder: string, codec: string, inner = '', kind = 'video'): string =>
    `    <AdaptationSet id="${id}" contentType="${kind}">\n${inner}` +
    `      <Representation id="${folder}" codecs="${codec}.64">\n` +
    `        <SegmentTemplate initialization="${kind}/${folder}/init.mp4"/>\n` +
    '      </Representation>\n    </AdaptationSet>\n';
  const mpd = (root: string, ...sets: string[]): string =>
    `<MPD ${root}>\n  <Period>\n${sets.join('')}  </Period>\n</MPD>\n`;
  const ROOT = 'xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013"';
  const FULL = `${ROOT} xmlns:mspr="urn:microsoft:playready" xmlns:dashif="https://dashif.org/CPS"`;
  const theirs =
    '      <ContentProtection value="cenc" schemeIdUri="urn:a" cenc:default_KID="1"/>\n' +
    '      <ContentProtection schemeIdUri="urn:b">\n        <cenc:pssh>A</cenc:pssh>\n      </ContentProtection>\n' +
    '      <SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value="7"/>\n';
  const colour = '      <SupplementalProperty schemeIdUri="urn:colour" value="1"/>\n';
  const role = '      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>\n';
  const switching = (ids: string): string =>
    `      <SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value="${ids}"/>\n`;

  it('gets protection first in every set, and sets that can be switched by their true numbers', () => {
    const protection = new Map([
      [
        'video/sd',
        ['<ContentProtection schemeIdUri="sd$&"/>', '<ContentProtection>\n  <a/>\n</ContentProtection>'],
      ],
      ['video/hd', ['<ContentProtection schemeIdUri="hd"/>']],
      ['video/uhd', ['<ContentProtection schemeIdUri="uhd"/>']],
      ['video/av1', ['<ContentProtection schemeIdUri="sd"/>']],
      ['audio/a', ['<ContentProtection schemeIdUri="a"/>']],
    ]);
    const before = mpd(
      ROOT,
      set(0, 'sd', 'avc1', theirs + colour + role),
      set(1, 'hd', 'avc1', theirs + role),
      set(2, 'av1', 'av01', theirs),
      set(3, 'uhd', 'avc1', theirs),
      set(4, 'a', 'avc1', theirs + role, 'audio'),
    );
    const own = (xml: string): string => `      <ContentProtection schemeIdUri="${xml}"/>\n`;
    const nested = '      <ContentProtection>\n        <a/>\n      </ContentProtection>\n';
    expect(withProtection(before, protection)).toBe(
      mpd(
        FULL,
        set(0, 'sd', 'avc1', own('sd$&') + nested + colour + switching('1,3') + role),
        set(1, 'hd', 'avc1', own('hd') + switching('0,3') + role),
        set(2, 'av1', 'av01', own('sd')),
        set(3, 'uhd', 'avc1', own('uhd') + switching('0,1')),
        set(4, 'a', 'avc1', own('a') + role, 'audio'),
      ),
    );
  });

  it('is the same when that is done again', () => {
    const protection = new Map([['video/sd', ['<ContentProtection schemeIdUri="x"/>']]]);
    const once = withProtection(mpd(ROOT, set(0, 'sd', 'avc1', theirs)), protection);
    expect(withProtection(once, protection)).toBe(once);
  });
});
