import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTrackArgs, measureTrackArgs, trackFilter } from '../../src/package/audio/args.js';
import { languageTag } from '../../src/package/audio/language.js';
import { LAYOUTS, channelsOf, downmixMatrix, panFilter, speakersOf } from '../../src/package/audio/layout.js';
import { normalisingGain, parseLoudness } from '../../src/package/audio/loudness.js';
import { parseEncodedAudio } from '../../src/package/audio/probe.js';
import { titleSamples } from '../../src/package/audio/timing.js';
import { type AudioParams, audioPlan } from '../../src/package/index.js';
import { masterAudio } from './support.js';

const blob = { sha256: '0'.repeat(64), bytes: 1 };

describe('languageTag', () => {
  it.each([
    ['eng', 'en'],
    ['ger', 'de'],
    ['deu', 'de'],
    ['fre', 'fr'],
    ['chi', 'zh'],
    ['EN', 'en'],
    ['pt-br', 'pt-BR'],
    ['cmn', 'zh'],
    ['qaa', 'qaa'],
    ['und', 'und'],
    ['', 'und'],
    ['xx', 'und'],
    ['English', 'und'],
    ['en,drm_label=x', 'und'],
  ])('%s → %s', (raw, tag) => {
    expect(languageTag(raw)).toBe(tag);
  });
});

describe('audioPlan', () => {
  it('makes stereo of every track and 5.1 of tracks with six channels or more', () => {
    const plan = audioPlan([
      masterAudio({ track: 0, channels: 6, layout: '5.1' }),
      masterAudio({ track: 1, channels: 2, language: 'und' }),
      masterAudio({ track: 2, channels: 8, layout: '7.1' }),
      masterAudio({ track: 3, channels: 1, layout: 'mono', language: 'fra' }),
    ]);
    expect(plan.map(({ id, layout, audio }) => [id, layout, audio.track])).toEqual([
      ['audio-en-stereo', 'stereo', 0],
      ['audio-en-5.1', '5.1', 0],
      ['audio-und-stereo', 'stereo', 1],
      ['audio-en-2-stereo', 'stereo', 2],
      ['audio-en-2-5.1', '5.1', 2],
      ['audio-fr-stereo', 'stereo', 3],
    ]);
  });

  it('never gives an id twice, and only ids that can name a folder', () => {
    const track = fc.record({
      language: fc.oneof(fc.constantFrom('eng', 'en', 'und', '', 'deu', 'en-2'), fc.string()),
      channels: fc.integer({ min: 1, max: 16 }),
    });
    fc.assert(
      fc.property(fc.array(track), (tracks) => {
        const ids = audioPlan(tracks.map((over, index) => masterAudio({ ...over, track: index }))).map(
          ({ id }) => id,
        );
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
      }),
    );
  });

  it('plans nothing for a silent film', () => {
    expect(audioPlan([])).toEqual([]);
  });
});

describe('downmixMatrix', () => {
  const H = Math.SQRT1_2;
  const close = (matrix: number[][], expected: number[][]): void => {
    expect(matrix.map((row) => row.map((gain) => Number(gain.toFixed(9))))).toEqual(
      expected.map((row) => row.map((gain) => Number(gain.toFixed(9)))),
    );
  };

  it('folds 5.1 to stereo as BS.775 says, scaled by one factor', () => {
    const n = 1 / (1 + H + H);
    close(downmixMatrix('5.1(side)', 6, 'stereo'), [
      [n, 0, n * H, 0, n * H, 0],
      [0, n, n * H, 0, 0, n * H],
    ]);
  });

  it('shares a single rear channel between both sides', () => {
    const n = 1 / (1 + H + 0.5);
    close(downmixMatrix('4.0', 4, 'stereo'), [
      [n, 0, n * H, n * 0.5],
      [0, n, n * H, n * 0.5],
    ]);
  });

  it('keeps the power of 7.1 surrounds', () => {
    close(downmixMatrix('7.1', 8, '5.1'), [
      [H, 0, 0, 0, 0, 0, 0, 0],
      [0, H, 0, 0, 0, 0, 0, 0],
      [0, 0, H, 0, 0, 0, 0, 0],
      [0, 0, 0, H, 0, 0, 0, 0],
      [0, 0, 0, 0, 0.5, 0, 0.5, 0],
      [0, 0, 0, 0, 0, 0.5, 0, 0.5],
    ]);
  });

  it('leaves stereo and 5.1 as they are', () => {
    close(downmixMatrix('stereo', 2, 'stereo'), [
      [1, 0],
      [0, 1],
    ]);
    for (const layout of ['5.1', '5.1(side)']) {
      const matrix = downmixMatrix(layout, 6, '5.1');
      expect(matrix.every((row, out) => row.every((gain, input) => gain === (out === input ? 1 : 0)))).toBe(
        true,
      );
    }
  });

  it('keeps the loudness of mono', () => {
    close(downmixMatrix('mono', 1, 'stereo'), [[H], [H]]);
  });

  it('takes the first channels of a layout that it does not know', () => {
    expect(speakersOf('', 4)).toBeUndefined();
    close(downmixMatrix('', 4, 'stereo'), [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
  });

  const MIRRORED = (name: string): string => {
    if (name.endsWith('L')) return `${name.slice(0, -1)}R`;
    if (name.endsWith('R')) return `${name.slice(0, -1)}L`;
    return { FLC: 'FRC', FRC: 'FLC' }[name] ?? name;
  };
  const targets = ['stereo', '5.1'] as const;
  const OUTPUTS = { stereo: [1, 0], '5.1': [1, 0, 2, 3, 5, 4] };

  it.each(LAYOUTS)('cannot clip, loses nothing but low-frequency effects, and is symmetric: %s', (layout) => {
    const speakers = speakersOf(layout, channelsOf(layout)) ?? [];
    for (const target of targets) {
      const matrix = downmixMatrix(layout, speakers.length, target);
      const sums = matrix.map((row) => row.reduce((sum, gain) => sum + gain, 0));
      expect(Math.max(...sums)).toBeLessThanOrEqual(1 + 1e-12);
      expect(Math.min(...matrix.flat())).toBeGreaterThanOrEqual(0);
      const heard = speakers.filter((_, input) => matrix.some((row) => (row[input] ?? 0) > 0));
      const kept = target === 'stereo' ? speakers.filter((name) => !name.startsWith('LFE')) : speakers;
      expect(heard).toEqual(kept);
      for (const [out, row] of matrix.entries()) {
        for (const [input, name] of speakers.entries()) {
          const other = matrix[OUTPUTS[target][out] ?? 0]?.[speakers.indexOf(MIRRORED(name))];
          expect(row[input]).toBeCloseTo(other ?? Number.NaN, 12);
        }
      }
    }
  });

  it.each(LAYOUTS)('sends low-frequency effects to nothing but their own channel: %s', (layout) => {
    const speakers = speakersOf(layout, channelsOf(layout)) ?? [];
    const matrix = downmixMatrix(layout, speakers.length, '5.1');
    for (const [input, name] of speakers.entries()) {
      const outs = matrix.flatMap((row, out) => ((row[input] ?? 0) > 0 ? [out] : []));
      if (name.startsWith('LFE')) expect(outs).toEqual([3]);
      else expect(outs).not.toContain(3);
    }
  });

  it('never exceeds full scale, whatever the samples of whatever layout', () => {
    const samples = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(
        fc.constantFrom(...LAYOUTS),
        fc.constantFrom(...targets),
        samples,
        (layout, target, input) => {
          for (const row of downmixMatrix(layout, channelsOf(layout), target)) {
            const out = row.reduce((sum, gain, index) => sum + gain * (input[index] ?? 0), 0);
            expect(Math.abs(out)).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
    );
  });

  it('is scaled as docs/audio.md says', async () => {
    const docs = await readFile('docs/audio.md', 'utf8');
    const rows = [...docs.matchAll(/^\| ([^|]+?) +\| ([−0-9.]+) dB +\| ([−0-9.]*)(?: dB)? *\|$/gm)];
    expect(rows.length).toBeGreaterThan(5);
    const scale = (layout: string, target: 'stereo' | '5.1'): number => {
      // The left speaker's gain is 1 before the scaling.
      const gain = downmixMatrix(layout, channelsOf(layout), target)[0]?.[0] ?? 0;
      return 20 * Math.log10(layout === 'mono' ? gain / H : gain);
    };
    for (const [, layouts = '', stereo = '', surround = ''] of rows) {
      for (const layout of layouts.split(', ')) {
        expect(scale(layout, 'stereo'), layout).toBeCloseTo(Number(stereo.replace('−', '-')), 1);
        if (surround !== '')
          expect(scale(layout, '5.1'), layout).toBeCloseTo(Number(surround.replace('−', '-')), 1);
      }
    }
  });

  it('is written as a pan filter', () => {
    expect(panFilter(downmixMatrix('5.1', 6, 'stereo'), 'stereo')).toBe(
      'pan=stereo|c0=0.414214*c0+0.292893*c2+0.292893*c4|c1=0.414214*c1+0.292893*c2+0.292893*c5',
    );
    expect(panFilter(downmixMatrix('6.0', 6, '5.1'), '5.1')).toContain('|c3=0*c0|');
  });
});

describe('arguments', () => {
  const params: AudioParams = {
    id: 'audio-en-stereo',
    source: blob,
    demuxer: 'mov',
    audio: masterAudio({ track: 1, offsetSeconds: 0.25 }),
    layout: 'stereo',
    frames: 187,
    fps: { num: 24_000, den: 1001 },
  };

  it('cover the title to the sample', () => {
    expect(titleSamples(192, { num: 24, den: 1 })).toBe(384_000);
    expect(titleSamples(187, { num: 24_000, den: 1001 })).toBe(374_374);
    expect(titleSamples(1, { num: 30_000, den: 1001 })).toBe(1602);
  });

  it('delay a track that starts late', () => {
    expect(trackFilter(params)).toBe(
      'asetpts=PTS-STARTPTS,aresample=48000:osf=fltp:async=1:first_pts=0,pan=stereo|c0=c0|c1=c1,' +
        'adelay=delays=12000S:all=1,apad=whole_len=374374,atrim=end_sample=374374',
    );
  });

  it('cut what sounds before the picture', () => {
    expect(trackFilter({ ...params, audio: masterAudio({ offsetSeconds: -0.02 }), gainDb: -3.5 })).toBe(
      'asetpts=PTS-STARTPTS,aresample=48000:osf=fltp:async=1:first_pts=0,pan=stereo|c0=c0|c1=c1,' +
        'atrim=start_sample=960,asetpts=PTS-STARTPTS,volume=-3.5dB,apad=whole_len=374374,atrim=end_sample=374374',
    );
  });

  it('encode one track as AAC-LC', () => {
    expect(
      encodeTrackArgs(
        '/m',
        { ...params, audio: masterAudio({ track: 1 }) },
        { gainDb: 0, dialnorm: 0 },
        '/out.mp4',
      ),
    ).toEqual([
      ...['-vn', '-sn', '-dn', '-protocol_whitelist', 'file', '-f', 'mov', '-i', 'file:/m', '-map', '0:a:1'],
      ...['-af', trackFilter({ ...params, audio: masterAudio() })],
      ...['-c:a', 'aac', '-profile:a', 'aac_low', '-b:a', '128000'],
      ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
      ...['-map_metadata', '-1', '-map_chapters', '-1'],
      ...['-movie_timescale', '48000', '-f', 'mp4', 'file:/out.mp4'],
    ]);
  });

  it('measure with the same chain', () => {
    const args = measureTrackArgs('/m', params);
    expect(args[args.indexOf('-af') + 1]).toBe(`${trackFilter(params)},ebur128=peak=true:framelog=quiet`);
  });
});

describe('loudness', () => {
  const summary = (integrated: string, peak: string): string[] => [
    '[info] Stream mapping:',
    '[Parsed_ebur128_0 @ 0x55] [info] Summary:',
    '  Integrated loudness:',
    `    I:         ${integrated} LUFS`,
    '    Threshold: -31.8 LUFS',
    '  Loudness range:',
    '    LRA:         5.5 LU',
    '    LRA low:   -41.8 LUFS',
    '  True peak:',
    `    Peak:      ${peak} dBFS`,
  ];

  it('is read from the summary', () => {
    expect(parseLoudness(summary('-21.8', '-0.3'))).toEqual({
      integrated: -21.8,
      range: 5.5,
      truePeak: -0.3,
    });
  });

  it('is undefined for silence', () => {
    expect(parseLoudness(summary('-70.0', '-inf'))).toBeUndefined();
    expect(parseLoudness(summary('-70.0', '-80.1'))).toBeUndefined();
  });

  it('is an error where ffmpeg says nothing', () => {
    expect(() => parseLoudness(['[info] done'])).toThrowError(/did not report the loudness/);
  });

  it('is normalised by a gain that the true peak limits', () => {
    expect(normalisingGain({ integrated: -18.4, range: 3, truePeak: -1 }, -23)).toBe(-4.6);
    expect(normalisingGain({ integrated: -30, range: 3, truePeak: -20 }, -23)).toBe(7);
    expect(normalisingGain({ integrated: -30, range: 3, truePeak: -4 }, -23)).toBe(2);
    expect(normalisingGain(undefined, -23)).toBe(0);
  });
});

describe('parseEncodedAudio', () => {
  const stream = { codec_name: 'aac', profile: 'LC', channels: 2, sample_rate: '48000', bit_rate: '127504' };

  it('gives what ffprobe found', () => {
    expect(parseEncodedAudio({ streams: [stream] })).toEqual({
      channels: 2,
      codecString: 'mp4a.40.2',
      sampleRate: 48_000,
      bitrate: 127_504,
    });
  });

  it('refuses anything but one AAC-LC stream', () => {
    expect(() => parseEncodedAudio({ streams: [{ ...stream, profile: 'HE-AAC' }] })).toThrowError(/AAC-LC/);
    expect(() => parseEncodedAudio({ streams: [stream, stream] })).toThrowError(/AAC-LC/);
  });
});
