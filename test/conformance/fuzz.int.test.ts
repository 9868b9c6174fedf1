import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24 } from '../../fixtures/renditions.js';
import { RULES } from '../../src/conformance/index.js';
import { memoryKeys } from '../support/keys.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { type Files, Package, checkFiles } from './memory.js';
import { ourPackage } from './our-package.js';
import { ffmpegHlsSingle, shakaPackage } from './streams.js';

/** For each kind of file; thousands find what is rare (CONTRIBUTING.md). */
const RUNS = Number(process.env['HULLCAST_FUZZ_RUNS'] ?? 40);

/** Seconds of a processor that a check of eight seconds of video may take, many times what it needs: hangs take more. */
const SLOW = 20;

/** Seconds of processors that this process has had. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

let stage: TestStage;
const bases: Files[] = [];

beforeAll(async () => {
  stage = await stageContext({ keys: memoryKeys() });
  bases.push(
    await ourPackage(stage, TITLE_24, 'stereo', { languages: true, encryption: { clearLeadSeconds: 2 } }),
    await shakaPackage({ scheme: 'cenc' }),
    await shakaPackage({ single: true }),
    await ffmpegHlsSingle(),
  );
});
afterAll(() => stage.cleanUp());

const IDS = new Set(RULES.map(({ id }) => id));

/** Checks what must hold for any bytes: it ends, soon, with findings of known rules, none of them longer than a line. */
async function survives(files: Files): Promise<void> {
  const start = processorSeconds();
  const { findings } = await checkFiles(files);
  expect(processorSeconds() - start).toBeLessThan(SLOW);
  for (const { rule, count, findings: kept } of findings) {
    expect(IDS.has(rule.id)).toBe(true);
    expect(count).toBeGreaterThanOrEqual(kept.length);
    expect(kept.length).toBeLessThanOrEqual(100);
    for (const { expected, found } of kept) {
      expect(expected.length + found.length).toBeLessThan(400);
      expect(`${expected} ${found}`).not.toMatch(/\bundefined\b|\bNaN\b|\[object/);
    }
  }
}

/** A place in a file: the head is where most of the meaning is. */
const place = fc.tuple(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));

function offset([head, share]: [boolean, number], length: number): number {
  return Math.floor(share * (head ? Math.min(length, 1500) : length));
}

type Damage =
  | { kind: 'flip'; at: [boolean, number]; bit: number }
  | { kind: 'number'; at: [boolean, number]; value: number }
  | { kind: 'cut'; at: [boolean, number] }
  | { kind: 'drop'; at: [boolean, number]; length: number }
  | { kind: 'double'; at: [boolean, number]; length: number };

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({
    kind: fc.constant('number' as const),
    at: place,
    value: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('double' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
);

function damaged(bytes: Buffer, what: Damage): Buffer {
  const at = offset(what.at, bytes.length);
  const copy = Buffer.from(bytes);
  switch (what.kind) {
    case 'flip':
      if (at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ (1 << what.bit), at);
      return copy;
    case 'number':
      if (at + 4 <= copy.length) copy.writeUInt32BE(what.value, at);
      return copy;
    case 'cut':
      return copy.subarray(0, at);
    case 'drop':
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + what.length)]);
    case 'double':
      return Buffer.concat([copy.subarray(0, at + what.length), copy.subarray(at)]);
  }
}

const kinds: [string, RegExp][] = [
  ['initialisation segments', /init|^v0\.mp4$|^p\.m4s$/],
  ['media segments', /\.m4s$|\.mp4$/],
  ['segments of text', /\.vtt$/],
  ['playlists', /\.m3u8$/],
  ['MPDs', /\.mpd$/],
];

describe.each(kinds)('any damage to %s', (_, pattern) => {
  it('gives findings, and never anything else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        async (base, file, edits) => {
          const stream = new Package(bases[base % bases.length]!);
          const paths = [...stream.files.keys()].filter((path) => pattern.test(path));
          if (paths.length === 0) return;
          const path = paths[file % paths.length]!;
          stream.files.set(path, edits.reduce(damaged, stream.bytes(path)));
          await survives(stream.files);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

/** What a manifest must not be able to do to its reader. */
describe('hostile manifests', () => {
  const mpd = (content: string, attributes = ''): Buffer =>
    Buffer.from(
      `<?xml version="1.0"?>${content.startsWith('<!') ? content : ''}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" ` +
        `profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S" type="static" ` +
        `mediaPresentationDuration="PT8S"${attributes}>${content.startsWith('<!') ? '' : content}</MPD>`,
    );
  const template = (attributes: string, timeline = ''): string =>
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="a" bandwidth="1">' +
    `<SegmentTemplate ${attributes}>${timeline}</SegmentTemplate></Representation></AdaptationSet></Period>`;
  const laughs = Array.from(
    { length: 30 },
    (_, n) => `<!ENTITY l${n + 1} "&l${n};&l${n};&l${n};&l${n};">`,
  ).join('');

  const cases: [string, Buffer][] = [
    ['a billion laughs', mpd(`<!DOCTYPE MPD [<!ENTITY l0 "ha">${laughs}]>`)],
    ['a file of this computer', mpd('<!DOCTYPE MPD [<!ENTITY x SYSTEM "file:///etc/passwd">]>')],
    [
      'a billion segments by repetition',
      mpd(template('media="$Number$"', '<SegmentTimeline><S t="0" d="1" r="999999999"/></SegmentTimeline>')),
    ],
    ['a billion segments by duration', mpd(template('media="$Number$" timescale="1000000000" duration="1"'))],
    [
      'segments without end',
      mpd(
        template(
          'media="$Number$" timescale="1000000000"',
          '<SegmentTimeline><S t="0" d="1" r="-1"/></SegmentTimeline>',
        ),
      ),
    ],
    ['names of a gigabyte', mpd(template('media="$Number%0999999999d$" duration="1"'))],
    ['a year of a century', mpd('<Period/>', ' availabilityStartTime="9999999999999999"')],
    ['elements in elements', mpd('<Period>'.repeat(100_000))],
    ['half a million elements', mpd('<Period/>'.repeat(500_000))],
    [
      'a hundred thousand representations',
      mpd(
        `<Period><AdaptationSet mimeType="video/mp4"><SegmentTemplate media="$Number$" duration="1"/>${'<Representation id="a" bandwidth="1"/>'.repeat(100_000)}</AdaptationSet></Period>`,
      ),
    ],
    ['an attribute without end', mpd('', ` id="${'x'.repeat(5_000_000)}`)],
    ['nothing but brackets', Buffer.alloc(1_000_000, '<')],
    ['nothing', Buffer.alloc(0)],
  ];
  it.each(cases)('with %s', async (_, bytes) => {
    await survives(new Map([['manifest.mpd', bytes]]));
  });

  const head = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n';
  const playlists: [string, string][] = [
    [
      'two hundred thousand variants',
      '#EXTM3U\n' + '#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n'.repeat(200_000),
    ],
    [
      'two hundred thousand renditions',
      `${head}a.m3u8\n` + '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="b"\n'.repeat(200_000),
    ],
    ['itself as a variant', `${head}master.m3u8\n`],
    ['a quote without end', `${head.trim()},CODECS="${'a,'.repeat(2_000_000)}\na.m3u8\n`],
    ['nothing but commas', `${head.trim()}${','.repeat(2_000_000)}\na.m3u8\n`],
    ['a line of ten megabytes', `${head}${'a'.repeat(10_000_000)}\n`],
  ];
  it.each(playlists)('with %s', async (_, text) => {
    await survives(new Map([['master.m3u8', Buffer.from(text)]]));
  });

  const media = '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:10\n';
  const lists: [string, string][] = [
    [
      'two hundred thousand keys',
      media + '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n'.repeat(200_000) + '#EXTINF:1,\na\n',
    ],
    ['very short segments', media + '#EXTINF:0.00001,\na.ts\n'.repeat(100_000)],
    [
      'variables that stand for others',
      media + '#EXT-X-DEFINE:NAME="a",VALUE="{$a}{$a}"\n'.repeat(1000) + '#EXTINF:1,\n{$a}\n',
    ],
    [
      'ranges beyond all numbers',
      media + '#EXTINF:1,\n#EXT-X-BYTERANGE:999999999999999@999999999999999\na.ts\n',
    ],
  ];
  it.each(lists)('with a playlist of %s', async (_, text) => {
    const files = new Map([
      ['master.m3u8', Buffer.from(`${head}p/a.m3u8\n`)],
      ['p/a.m3u8', Buffer.from(text)],
      ['p/a.ts', Buffer.alloc(188, 0x47)],
    ]);
    await survives(files);
  });
});
