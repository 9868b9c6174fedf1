import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withJocFlag } from '../../fixtures/eac3-joc.js';
import { encodeTrackArgs } from '../../src/package/audio/args.js';
import { AUDIO_CODECS, encoderOptions } from '../../src/package/audio/codecs.js';
import { withJoc } from '../../src/package/audio/dec3.js';
import { readEac3Frame, readEac3Frames } from '../../src/package/audio/eac3-frame.js';
import { dialnormOf } from '../../src/package/audio/loudness.js';
import { canCopy, copyTrackArgs, leadOf } from '../../src/package/audio/passthrough.js';
import { parseEncodedAudio } from '../../src/package/audio/probe.js';
import { roleOf } from '../../src/package/audio/roles.js';
import { titleSamples } from '../../src/package/audio/timing.js';
import { type AudioParams, type AudioRendition, audioPlan } from '../../src/package/index.js';
import { audioPackagerArgs } from '../../src/package/packager/args.js';
import { titleMaster } from '../../src/package/packager/hls.js';
import { audioGroups, defaultTrack, trackNames } from '../../src/package/packager/names.js';
import { box } from '../../src/package/packager/sample-entry.js';
import { masterAudio } from './support.js';

const blob = { sha256: '0'.repeat(64), bytes: 1 };
const FILM = { frames: 192, fps: { num: 24, den: 1 } };

const params = (over: Partial<AudioParams>): AudioParams => ({
  ...{ id: 'a', source: blob, demuxer: 'mov', audio: masterAudio(), layout: 'stereo', ...FILM },
  ...over,
});

const after = (args: string[], option: string): string | undefined => args[args.indexOf(option) + 1];

describe('arguments of encoders', () => {
  it.each([
    ['aac', 'stereo', ['-c:a', 'aac', '-profile:a', 'aac_low', '-b:a', '128000']],
    [
      'he-aac',
      'stereo',
      [
        ...['-c:a', 'libfdk_aac', '-profile:a', 'aac_he', '-signaling', 'explicit_hierarchical'],
        ...['-b:a', '64000'],
      ],
    ],
    ['eac3', 'stereo', ['-c:a', 'eac3', '-dialnorm', '-24', '-b:a', '192000']],
    [
      'eac3',
      '5.1',
      [
        ...['-c:a', 'eac3', '-dialnorm', '-24', '-dmix_mode', 'loro'],
        ...['-loro_cmixlev', '0.707', '-loro_surmixlev', '0.707'],
        ...['-ltrt_cmixlev', '0.707', '-ltrt_surmixlev', '0.707', '-b:a', '640000'],
      ],
    ],
    ['opus', 'stereo', ['-c:a', 'libopus', '-vbr', 'on', '-b:a', '96000']],
    ['opus', '5.1', ['-c:a', 'libopus', '-vbr', 'on', '-mapping_family', '1', '-b:a', '256000']],
  ] as const)('%s, %s', (codec, layout, args) => {
    expect(encoderOptions(codec, layout, -24)).toEqual(args);
  });

  it('push the delay of E-AC-3 out with silence, and end it with the title', () => {
    const args = encodeTrackArgs('/m', params({ codec: 'eac3' }), { gainDb: 0, dialnorm: -31 }, '/o');
    expect(after(args, '-af')).toMatch(/,atrim=end_sample=384000,apad=pad_len=256$/);
    expect(after(args, '-bsf:a')).toBe("setts=duration='min(DURATION,384000-PTS)'");
  });
});

describe('dialnorm', () => {
  it.each([
    [-23.4, 0, -23],
    [-23.6, 0, -24],
    [-18, -6.2, -24],
    [-40, 0, -31],
    [-0.2, 0, -1],
  ])('of %f LUFS after %f dB is %i', (integrated, gainDb, dialnorm) => {
    expect(dialnormOf({ integrated, range: 1, truePeak: -3 }, gainDb)).toBe(dialnorm);
  });

  it('of silence is what decoders leave as it is', () => {
    expect(dialnormOf(undefined, 0)).toBe(-31);
  });
});

describe('what can be copied', () => {
  const atmos = masterAudio({ codec: 'eac3', channels: 6, layout: '5.1(side)' });
  const can = (over: Partial<typeof atmos>): boolean => canCopy({ ...atmos, ...over }, FILM.frames, FILM.fps);

  it.each([
    ['a surround track in E-AC-3 as long as the picture', {}, true],
    ['one that begins before it', { offsetSeconds: -3, durationSeconds: 12, packets: 375 }, true],
    ['one that begins half a frame late', { offsetSeconds: 0.016 }, true],
    ['one that begins later', { offsetSeconds: 0.017 }, false],
    ['one that ends 10 ms early', { durationSeconds: 7.99 }, true],
    ['one that ends earlier', { durationSeconds: 7.98 }, false],
    ['one whose times are rounded', { durationSeconds: 8.001 }, true],
    ['one with a hole of a frame', { packets: 249 }, false],
    ['one with more frames than its times have room for', { packets: 251 }, false],
    ['one in frames of three blocks', { packets: 500 }, false],
    ['AC-3', { codec: 'ac3' }, false],
    ['stereo', { channels: 2 }, false],
    ['44.1 kHz', { sampleRate: 44_100 }, false],
  ])('%s', (_, over, copied) => {
    expect(can(over)).toBe(copied);
  });

  it('begins with the frame that is heard at the first picture', () => {
    expect(leadOf(0)).toEqual({ dropped: 0, unplayed: 0 });
    expect(leadOf(0.01)).toEqual({ dropped: 0, unplayed: 0 });
    fc.assert(
      fc.property(fc.double({ min: -100, max: 0, noNaN: true }), (offset) => {
        const { dropped, unplayed } = leadOf(offset);
        expect(dropped * 1536 + unplayed).toBe(Math.round(Math.abs(offset) * 48_000));
        expect(unplayed).toBeLessThan(1536);
      }),
    );
  });

  it('is copied frame by frame', () => {
    const args = copyTrackArgs('/m', params({ audio: { ...atmos, offsetSeconds: -0.1 }, copy: true }), '/o');
    expect(args).toEqual([
      ...['-vn', '-sn', '-dn', '-protocol_whitelist', 'file', '-f', 'mov', '-i', 'file:/m', '-map', '0:a:0'],
      ...['-c:a', 'copy', '-bsf:a'],
      "noise=drop='lt(n,3)+gte(n,254)'," +
        "setts=time_base=1/48000:ts='N*1536-192':duration='min(1536,384000-(N*1536-192))'",
      ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
      ...['-map_metadata', '-1', '-map_chapters', '-1'],
      ...['-movie_timescale', '48000', '-f', 'mp4', 'file:/o'],
    ]);
  });
});

describe('audioPlan', () => {
  const ids = (...args: Parameters<typeof audioPlan>): string[] => audioPlan(...args).map(({ id }) => id);
  const tracks = [
    masterAudio({ track: 0, channels: 6, layout: '5.1' }),
    masterAudio({ track: 1, language: 'fra' }),
  ];

  it('makes every codec that is wanted, and AAC-LC always', () => {
    expect(ids(tracks, { codecs: ['aac', 'he-aac', 'eac3', 'opus'] })).toEqual([
      ...['audio-en-stereo', 'audio-en-5.1', 'audio-en-stereo-he-aac', 'audio-en-5.1-eac3'],
      ...['audio-en-stereo-opus', 'audio-en-5.1-opus'],
      ...['audio-fr-stereo', 'audio-fr-stereo-he-aac', 'audio-fr-stereo-eac3', 'audio-fr-stereo-opus'],
    ]);
    expect(ids(tracks)).toEqual(['audio-en-stereo', 'audio-en-5.1', 'audio-fr-stereo']);
  });

  it('makes no Dolby Digital Plus where there is no surround sound', () => {
    expect(ids([tracks[1]!], { codecs: ['aac', 'eac3'] })).toEqual(['audio-fr-stereo']);
  });

  it('copies E-AC-3 instead of encoding it', () => {
    const atmos = masterAudio({ codec: 'eac3', channels: 6, layout: '5.1(side)' });
    const copied = (options: Parameters<typeof audioPlan>[1]) =>
      audioPlan([atmos], options, FILM).map(({ id, copy }) => [id, copy]);
    const encoded = [
      ['audio-en-stereo', undefined],
      ['audio-en-5.1', undefined],
    ];
    expect(copied({})).toEqual([...encoded, ['audio-en-5.1-eac3', true]]);
    expect(copied({ codecs: ['aac', 'eac3'] })).toEqual([...encoded, ['audio-en-5.1-eac3', true]]);
    expect(copied({ passthrough: false })).toEqual(encoded);
  });

  it('leaves what an AAC-LC job gets as it was, so that nothing is encoded again', () => {
    expect(audioPlan([masterAudio()], { codecs: ['aac'], passthrough: true }, FILM)).toEqual([
      { id: 'audio-en-stereo', audio: masterAudio(), layout: 'stereo' },
    ]);
  });

  it('takes roles from the master, and what is set before that', () => {
    const marked = [
      masterAudio({ track: 0 }),
      masterAudio({ track: 1, visualImpaired: true }),
      masterAudio({ track: 2, title: 'Kommentar des Regisseurs' }),
      masterAudio({ track: 3, title: 'Commentary' }),
    ];
    const settings = [
      { track: 2, language: 'de', name: 'Regie' },
      { track: 3, role: 'main' as const },
    ];
    const planned = audioPlan(marked, { tracks: settings });
    expect(planned.map(({ id, role, audio }) => [id, role, audio.language, audio.title])).toEqual([
      ['audio-en-stereo', undefined, 'eng', undefined],
      ['audio-en-2-stereo', 'description', 'eng', undefined],
      ['audio-de-stereo', undefined, 'de', 'Regie'],
      ['audio-en-3-stereo', undefined, 'eng', 'Commentary'],
    ]);
  });
});

describe('roleOf', () => {
  it.each([
    [{}, undefined],
    [{ commentary: true }, 'commentary'],
    [{ hearingImpaired: true }, 'clear-speech'],
    [{ visualImpaired: true, commentary: true }, 'description'],
    [{ title: "Director's commentary" }, 'commentary'],
    [{ title: 'Commentaire audio' }, 'commentary'],
    [{ title: 'Audio Description' }, 'description'],
    [{ title: 'Audiodeskription' }, 'description'],
    [{ title: 'English AD' }, 'description'],
    [{ title: 'Hörfilmfassung' }, 'description'],
    [{ title: 'Original' }, undefined],
    [{ title: 'Adventure mix' }, undefined],
  ] as const)('%j → %s', (over, role) => {
    expect(roleOf(masterAudio(over))).toBe(role);
  });
});

describe('parseEncodedAudio', () => {
  const stream = { codec_name: 'eac3', channels: 6, sample_rate: '48000', bit_rate: '640000' };

  it('knows every codec by what ffprobe says', () => {
    expect(parseEncodedAudio({ streams: [stream] }, 'eac3').codecString).toBe('ec-3');
    expect(parseEncodedAudio({ streams: [{ ...stream, codec_name: 'opus' }] }, 'opus').codecString).toBe(
      'opus',
    );
    const heAac = { ...stream, codec_name: 'aac', profile: 'HE-AAC' };
    expect(parseEncodedAudio({ streams: [heAac] }, 'he-aac').codecString).toBe('mp4a.40.5');
    expect(() => parseEncodedAudio({ streams: [{ ...heAac, profile: 'LC' }] }, 'he-aac')).toThrowError(
      /not one HE-AAC stream: it is aac LC/,
    );
  });
});

/** A frame's header from fields of so many bits, with room for a body. */
function frameOf(fields: readonly (readonly [value: number, bits: number])[], bytes = 64): Buffer {
  const all: (readonly [number, number])[] = [[0x0b77, 16], ...fields];
  const bits = all.map(([value, count]) => value.toString(2).padStart(count, '0')).join('');
  const padded = bits.padEnd(bytes * 8, '0');
  return Buffer.from((padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

const size = (bytes: number): [number, number] => [bytes / 2 - 1, 11];

describe('a frame of E-AC-3', () => {
  /** 5.1 at 48 kHz in six blocks, dialnorm -27, without further metadata. */
  const PLAIN: [number, number][] = [
    ...([[0, 2], [0, 3], size(64), [0, 2], [3, 2], [7, 3], [1, 1], [16, 5], [27, 5], [0, 1]] as [
      number,
      number,
    ][]),
  ];
  /** As a broadcaster fills it: levels of all kinds, and information of the programme. */
  const FULL: [number, number][] = [
    ...([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 3],
      [3, 3],
      [0, 3],
      [1, 1],
      [7, 5],
      [0, 1],
      [0, 1],
      [0, 2],
      [0, 1],
    ] as const),
    ...([
      [1, 1],
      [2, 3],
      [1, 1],
      [1, 1],
      [1, 2],
      [1, 1],
      [20, 5],
      [1, 2],
      [0, 1],
      [0, 1],
    ] as const),
  ].map(([value, bits]) => [value, bits]);

  it('says what it is', () => {
    expect(readEac3Frame(frameOf([...PLAIN, [0, 1], [0, 1], [0, 1]]))).toEqual({
      ...{ bytes: 64, samples: 1536, sampleRate: 48_000, streamType: 0, substream: 0, dialnorm: -27 },
      addbsiBit: 53,
    });
  });

  it.each([
    [
      'after no metadata',
      [
        [0, 1],
        [0, 1],
      ] as [number, number][],
    ],
    ['after a broadcaster’s metadata', FULL],
  ])('says that there are objects: %s', (_, metadata) => {
    const frame = frameOf([...PLAIN, ...metadata, [1, 1], [1, 6], [1, 8], [12, 8]]);
    expect(readEac3Frame(frame)?.joc).toBe(12);
    const none = frameOf([...PLAIN, ...metadata, [1, 1], [1, 6], [0, 8], [12, 8]]);
    expect(readEac3Frame(none)?.joc).toBeUndefined();
  });

  it('is marked with any number of objects by the fixture, and read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 255 }), fc.boolean(), (complexity, full) => {
        const frame = frameOf([
          ...PLAIN,
          ...(full
            ? FULL
            : ([
                [0, 1],
                [0, 1],
              ] as [number, number][])),
          [0, 1],
        ]);
        const marked = withJocFlag(frame, complexity);
        expect(readEac3Frame(marked)).toMatchObject({ joc: complexity, bytes: 68, dialnorm: -27 });
        expect(readEac3Frame(frame)?.joc).toBeUndefined();
      }),
    );
  });

  it('is none of AC-3, none cut off, none of anything else', () => {
    const frame = frameOf([...PLAIN, [0, 1], [0, 1], [0, 1]]);
    expect(readEac3Frame(frame.subarray(0, 63))).toBeUndefined();
    const ac3 = frameOf([[0, 2], [0, 3], size(64), [0, 2], [3, 2], [7, 3], [1, 1], [8, 5]]);
    expect(readEac3Frame(ac3)).toBeUndefined();
    expect(readEac3Frames(Buffer.concat([frame, frame, Buffer.from('nothing at all')]))).toHaveLength(2);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const data = Buffer.concat([Buffer.from([0x0b, 0x77]), bytes]);
        expect(readEac3Frame(data)?.bytes ?? 0).toBeLessThanOrEqual(data.length);
      }),
    );
  });
});

describe('dec3', () => {
  const entryOf = (dec3: number[]): Buffer =>
    box(
      'ec-3',
      Buffer.concat([Buffer.alloc(28), box('dec3', Buffer.from(dec3)), box('btrt', Buffer.alloc(12))]),
    );
  const moovOf = (entry: Buffer): Buffer => {
    const fields = Buffer.alloc(8);
    fields.writeUInt32BE(1, 4);
    return ['stbl', 'minf', 'mdia', 'trak', 'moov'].reduce(
      (inside, type) => box(type, inside),
      box('stsd', Buffer.concat([fields, entry])),
    );
  };

  it.each([
    ['ffmpeg 7.0 leaves a zero byte', [0x0c, 0x08, 0x20, 0x0f, 0, 0], [0x0c, 0x08, 0x20, 0x0f, 0, 1, 16]],
    ['nothing follows', [0x0c, 0x08, 0x20, 0x0f, 0], [0x0c, 0x08, 0x20, 0x0f, 0, 1, 16]],
    ['one is there', [0x0c, 0x08, 0x20, 0x0f, 0, 1, 9], [0x0c, 0x08, 0x20, 0x0f, 0, 1, 16]],
    ['there is a dependent substream', [0x0c, 0x08, 0x20, 0x0f, 2, 5], [0x0c, 0x08, 0x20, 0x0f, 2, 5, 1, 16]],
  ])('gets the extension where %s', (_, before, wanted) => {
    expect(withJoc(moovOf(entryOf(before)), 16)).toEqual(moovOf(entryOf(wanted)));
  });

  it('that is missing is an error', () => {
    const bare = box('ec-3', Buffer.concat([Buffer.alloc(28), box('btrt', Buffer.alloc(12))]));
    expect(() => withJoc(moovOf(bare), 16)).toThrowError(/no dec3 box/);
    expect(() => withJoc(moovOf(entryOf([0x0c])), 16)).toThrowError(/too short/);
  });
});

const rendition = (over: Partial<AudioRendition>): AudioRendition => ({
  ...{ id: 'a', track: 0, language: 'en', default: false, channels: 2, codecString: 'mp4a.40.2' },
  ...{ sampleRate: 48_000, bitrate: 128_000, blob },
  ...over,
});

describe('what manifests say of sound', () => {
  const audios = [
    rendition({ id: 'said', track: 0, role: 'description', default: true }),
    rendition({ id: 'en', track: 1 }),
    rendition({ id: 'en-51', track: 1, channels: 6 }),
    rendition({ id: 'en-he', track: 1, codec: 'he-aac', codecString: 'mp4a.40.5' }),
    rendition({
      id: 'en-atmos',
      track: 1,
      codec: 'eac3',
      codecString: 'ec-3',
      channels: 6,
      joc: 16,
      copied: true,
    }),
    rendition({ id: 'en-opus', track: 1, codec: 'opus', codecString: 'opus' }),
    rendition({ id: 'talk', track: 2, role: 'commentary' }),
    rendition({ id: 'clear', track: 3, role: 'clear-speech' }),
  ];

  it('names tracks by language and role', () => {
    expect([...trackNames(audios).values()]).toEqual([
      ...['en (audio description)', 'en', 'en (commentary)', 'en (clear speech)'],
    ]);
  });

  it('never plays a commentary or a description by itself where there is anything else', () => {
    expect(defaultTrack(audios)).toBe(1);
    expect(defaultTrack([audios[0]!])).toBe(0);
  });

  it('has a group for each codec, every track in each, and Opus in none', () => {
    expect(audioGroups(audios).map(({ id, members }) => [id, members.map((audio) => audio.id)])).toEqual([
      ['stereo', ['en', 'said', 'talk', 'clear']],
      ['surround', ['en-51', 'said', 'talk', 'clear']],
      ['stereo-he-aac', ['en-he', 'said', 'talk', 'clear']],
      ['eac3', ['en-atmos', 'said', 'talk', 'clear']],
    ]);
  });

  it('in HLS: characteristics, selection, and objects of Dolby Atmos', () => {
    const master = titleMaster(
      '#EXTM3U\n\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.64000a"\nv/playlist.m3u8\n',
      {
        ...{
          bandwidths: new Map(),
          ranges: new Map(),
          groups: audioGroups(audios),
          names: trackNames(audios),
        },
      },
    );
    const line = (group: string, id: string): string | undefined =>
      master.split('\n').find((each) => each.includes(`"audio/${id}/`) && each.includes(`"${group}"`));
    expect(line('eac3', 'en-atmos')).toContain('DEFAULT=YES,AUTOSELECT=YES,CHANNELS="16/JOC"');
    expect(line('stereo', 'said')).toContain(
      'DEFAULT=NO,AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.describes-video",CHANNELS="2"',
    );
    expect(line('stereo', 'talk')).toContain('NAME="en (commentary)",DEFAULT=NO,AUTOSELECT=NO,CHANNELS="2"');
    expect(line('stereo', 'clear')).toContain('"public.accessibility.enhances-speech-intelligibility"');
    expect(master).toContain('CODECS="avc1.64000a,ec-3,mp4a.40.2",AUDIO="eac3"');
    expect(master).toContain('CODECS="avc1.64000a,mp4a.40.5,mp4a.40.2",AUDIO="stereo-he-aac"');
  });

  it('in DASH: roles, purposes, and a label for each rendition', () => {
    const args = audioPackagerArgs({ videos: [], audios, segmentSeconds: 4 });
    const of = (id: string): string | undefined => args.find((arg) => arg.startsWith(`in=in/${id},`));
    expect(of('said')).toMatch(
      /dash_label=en \(audio description\) stereo,dash_roles=description,dash_accessibilities=urn:tva:metadata:cs:AudioPurposeCS:2007=1$/,
    );
    expect(of('en')).toMatch(/dash_label=en stereo,dash_roles=main$/);
    expect(of('en-atmos')).toMatch(/dash_label=en 5\.1 \(Dolby Atmos\),dash_roles=main$/);
    expect(of('talk')).toMatch(/dash_roles=commentary$/);
    expect(of('clear')).toMatch(/dash_roles=enhanced-audio-intelligibility,dash_accessibilities=.*=2$/);
    const labels = args.flatMap((arg) => /dash_label=([^,]+)/.exec(arg)?.[1] ?? []);
    expect(new Set(labels).size).toBe(audios.length);
  });
});

it('every codec says how long its frames are', () => {
  expect(Object.values(AUDIO_CODECS).map(({ frame }) => frame)).toEqual([1024, 2048, 1536, 960]);
  expect(titleSamples(FILM.frames, FILM.fps)).toBe(384_000);
});
