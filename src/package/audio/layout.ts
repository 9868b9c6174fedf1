import type { AudioLayout } from '../types.js';

/** Loudspeakers of ffmpeg's layouts (`ffmpeg -layouts`), in the order of the channels. */
const SPEAKERS: Record<string, string> = {
  mono: 'FC',
  stereo: 'FL FR',
  downmix: 'FL FR',
  '2.1': 'FL FR LFE',
  '3.0': 'FL FR FC',
  '3.0(back)': 'FL FR BC',
  '3.1': 'FL FR FC LFE',
  '4.0': 'FL FR FC BC',
  '4.1': 'FL FR FC LFE BC',
  quad: 'FL FR BL BR',
  'quad(side)': 'FL FR SL SR',
  '5.0': 'FL FR FC BL BR',
  '5.0(side)': 'FL FR FC SL SR',
  '5.1': 'FL FR FC LFE BL BR',
  '5.1(side)': 'FL FR FC LFE SL SR',
  '6.0': 'FL FR FC BC SL SR',
  '6.0(front)': 'FL FR FLC FRC SL SR',
  hexagonal: 'FL FR FC BL BR BC',
  '6.1': 'FL FR FC LFE BC SL SR',
  '6.1(back)': 'FL FR FC LFE BL BR BC',
  '6.1(front)': 'FL FR LFE FLC FRC SL SR',
  '7.0': 'FL FR FC BL BR SL SR',
  '7.0(front)': 'FL FR FC FLC FRC SL SR',
  '7.1': 'FL FR FC LFE BL BR SL SR',
  '7.1(wide)': 'FL FR FC LFE BL BR FLC FRC',
  '7.1(wide-side)': 'FL FR FC LFE FLC FRC SL SR',
  octagonal: 'FL FR FC BL BR BC SL SR',
  '3.1.2': 'FL FR FC LFE TFL TFR',
  cube: 'FL FR BL BR TFL TFR TBL TBR',
  '5.1.2': 'FL FR FC LFE BL BR TFL TFR',
  '5.1.4': 'FL FR FC LFE BL BR TFL TFR TBL TBR',
  '7.1.2': 'FL FR FC LFE BL BR SL SR TFL TFR',
  '7.1.4': 'FL FR FC LFE BL BR SL SR TFL TFR TBL TBR',
  '7.2.3': 'FL FR FC LFE BL BR SL SR TFL TFR TBC LFE2',
  '9.1.4': 'FL FR FC LFE BL BR FLC FRC SL SR TFL TFR TBL TBR',
  hexadecagonal: 'FL FR FC BL BR BC SL SR TFL TFC TFR TBL TBC TBR WL WR',
  '22.2': 'FL FR FC LFE BL BR FLC FRC BC SL SR TC TFL TFC TFR TBL TBC TBR LFE2 TSL TSR BFC BFL BFR',
};

/** Names of all layouts that are known. */
export const LAYOUTS: readonly string[] = Object.keys(SPEAKERS);

/** Number of channels of a known layout; 0 of another. */
export function channelsOf(layout: string): number {
  return SPEAKERS[layout]?.split(' ').length ?? 0;
}

/** What a track without a layout most likely is, by its number of channels. */
const BY_COUNT: Record<number, string> = { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' };

/** Loudspeakers of the channels, in order. Undefined where neither the layout nor the number of channels tells. */
export function speakersOf(layout: string, channels: number): string[] | undefined {
  const known = SPEAKERS[layout]?.split(' ');
  return known?.length === channels ? known : SPEAKERS[BY_COUNT[channels] ?? '']?.split(' ');
}

type Mix = Record<string, number>;
const H = Math.SQRT1_2;

/** What the speakers that are neither a pair's nor surrounds become. */
const STEREO: Record<string, Mix> = {
  ...{ LFE: {}, LFE2: {} },
  ...{ FC: { FL: H, FR: H }, BFC: { FL: H, FR: H } },
  ...{
    BC: { FL: 0.5, FR: 0.5 },
    TC: { FL: 0.5, FR: 0.5 },
    TFC: { FL: 0.5, FR: 0.5 },
    TBC: { FL: 0.5, FR: 0.5 },
  },
  ...{ FL: { FL: 1 }, FLC: { FL: 1 }, BFL: { FL: 1 }, FR: { FR: 1 }, FRC: { FR: 1 }, BFR: { FR: 1 } },
};

const SURROUND: Record<string, Mix> = {
  ...{ LFE: { LFE: 1 }, LFE2: { LFE: 1 } },
  ...{ FC: { FC: 1 }, BFC: { FC: 1 }, TFC: { FC: 1 } },
  ...{ BC: { BL: H, BR: H }, TC: { BL: H, BR: H }, TBC: { BL: H, BR: H } },
  ...{ FL: { FL: 1 }, FLC: { FL: 1 }, BFL: { FL: 1 }, FR: { FR: 1 }, FRC: { FR: 1 }, BFR: { FR: 1 } },
};

/** Side, rear, wide and height speakers, left or right: one of several surrounds of its side. */
function mixOf(speaker: string, target: AudioLayout, split: number): Mix {
  const side = speaker.endsWith('L') ? 'L' : 'R';
  if (target === 'stereo') return STEREO[speaker] ?? { [`F${side}`]: H * split };
  return SURROUND[speaker] ?? { [`B${side}`]: split };
}

const OUTPUTS = { stereo: ['FL', 'FR'], '5.1': ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'] } as const;

/**
 * Gains [output][input] that fold channels down to a layout.
 *
 * To stereo, after ITU-R BS.775, annex 4 (3/2 to 2/0): L + √½ C + √½ Ls (√½ = −3 dB), LFE dropped; a single rear
 * channel counts the same and is shared by both sides, ½ each. Mono goes to both sides at √½, which keeps its loudness (BS.1770). To 5.1, side or back
 * surrounds become the back pair that AAC's 5.1 has. Where a side has several surrounds (7.1, heights), which BS.775
 * does not cover, each is weighted by 1/√n so that their power is kept. All gains are then scaled by one factor so
 * that no output can exceed full scale: −7.7 dB for 5.1 to stereo. Discrete channels of no known layout: the first
 * two are taken for stereo, the first six for 5.1.
 */
export function downmixMatrix(layout: string, channels: number, target: AudioLayout): number[][] {
  const outputs: readonly string[] = OUTPUTS[target];
  const speakers = speakersOf(layout, channels);
  if (!speakers) {
    return outputs.map((_, out) => Array.from({ length: channels }, (_, input) => (input === out ? 1 : 0)));
  }
  const surrounds = speakers.filter((name) => /^(B|S|W|T.)L$/.test(name)).length;
  const mixes = speakers.map((name) => mixOf(name, target, 1 / Math.sqrt(Math.max(1, surrounds))));
  const rows = outputs.map((out) => mixes.map((mix) => mix[out] ?? 0));
  const loudest = Math.max(1, ...rows.map((row) => row.reduce((sum, gain) => sum + gain, 0)));
  return rows.map((row) => row.map((gain) => gain / loudest));
}

/** The matrix as ffmpeg's pan filter, inputs by number; six decimals are 0.00001 dB. */
export function panFilter(matrix: readonly (readonly number[])[], target: AudioLayout): string {
  const rows = matrix.map((row, out) => {
    const terms = row.flatMap((gain, input) => {
      if (gain === 0) return [];
      return [gain === 1 ? `c${input}` : `${Number(gain.toFixed(6))}*c${input}`];
    });
    return `c${out}=${terms.join('+') || '0*c0'}`;
  });
  return [`pan=${target}`, ...rows].join('|');
}
