import { describe, expect, it } from 'vitest';
import { CODEC_TABLE } from '../../src/web/codecs.js';
import { MATCH_RUNGS } from '../../src/web/match.js';

interface Track {
  videoId: number;
  originalVideoId: string | null;
  width: number;
  height: number;
  bandwidth: number;
  codecs: string;
}
interface Rung {
  codec: string;
  id: string;
  width: number;
  height: number;
  averageBitrate: number;
}

/** The browser's function, made from the text that the page gets. */
function match(tracks: Track[], rungs: Rung[]): Record<number, string> {
  const script = `${CODEC_TABLE}${MATCH_RUNGS}; return matchRungs(tracks, renditions);`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the code under test is this text
  const run = new Function('tracks', 'renditions', script) as (t: Track[], r: Rung[]) => Map<number, Rung>;
  return Object.fromEntries([...run(tracks, rungs)].map(([video, rung]) => [video, rung.id]));
}

const track = (videoId: number, height: number, bandwidth: number, id: string | null = null): Track => ({
  videoId,
  originalVideoId: id,
  width: (height * 16) / 9,
  height,
  bandwidth,
  codecs: 'avc1.64001f, mp4a.40.2',
});
const rung = (id: string, height: number, averageBitrate: number): Rung => ({
  id,
  codec: 'h264',
  width: (height * 16) / 9,
  height,
  averageBitrate,
});

describe('matchRungs', () => {
  const rungs = [rung('low', 360, 400_000), rung('mid', 720, 1_200_000), rung('high', 720, 2_500_000)];

  it('goes by id where the manifest has it', () => {
    const tracks = [track(1, 720, 1, 'high'), track(2, 720, 9, 'mid'), track(3, 360, 5, 'low')];
    expect(match(tracks, rungs)).toEqual({ 1: 'high', 2: 'mid', 3: 'low' });
  });

  it('goes by rank within a resolution else, whatever audio adds, with several audio tracks', () => {
    const audio = [64_000, 384_000];
    const tracks = audio.flatMap((extra) => [
      track(7, 720, 3_900_000 + extra, '0'),
      track(8, 720, 1_900_000 + extra, '1'),
      track(9, 360, 700_000 + extra, '2'),
    ]);
    expect(match(tracks, rungs)).toEqual({ 7: 'high', 8: 'mid', 9: 'low' });
  });

  it('does not take a rung of another codec', () => {
    const av1 = { ...rung('av1', 360, 200_000), codec: 'av1' };
    const tracks = [track(1, 360, 500_000), { ...track(2, 360, 300_000), codecs: 'av01.0.01M.08, opus' }];
    expect(match(tracks, [...rungs, av1])).toEqual({ 1: 'low', 2: 'av1' });
  });

  it('takes the rest by rank where some have ids', () => {
    expect(match([track(1, 720, 5, 'mid'), track(2, 720, 9, 'x'), track(3, 360, 2)], rungs)).toEqual({
      1: 'mid',
      2: 'high',
      3: 'low',
    });
  });

  it('claims nothing where the numbers of tracks and rungs differ', () => {
    expect(match([track(1, 720, 5), track(3, 360, 2), track(4, 1080, 9)], rungs)).toEqual({ 3: 'low' });
    expect(match([], rungs)).toEqual({});
    expect(match([track(1, 720, 5)], [])).toEqual({});
  });
});
