import { expect, test } from 'vitest';
import { h264, h264Level } from '../../src/encode/profile/h264.js';

test.each([
  [416, 234, 24, 1, '3.0'],
  [1280, 720, 30, 1, '3.1'],
  [1280, 720, 60, 1, '3.2'],
  [1920, 1080, 24000, 1001, '4.0'],
  [1920, 1080, 60, 1, '4.2'],
  [3840, 2160, 30, 1, '5.1'],
  [3840, 2160, 60, 1, '5.2'],
  [8192, 4320, 60, 1, '6.2'],
])('%ix%i at %i/%i is level %s', (width, height, num, den, level) => {
  expect(h264Level({ width, height }, { num, den }).level).toBe(level);
});

test('High profile may use 1.25 times the level’s bit rate', () => {
  const level = h264Level({ width: 1920, height: 1080 }, { num: 24, den: 1 });
  expect(level).toEqual({ level: '4.0', maxrate: 25_000, bufsize: 31_250 });
});

const REQUEST = {
  preset: 'medium',
  crf: 24.5,
  resolution: { width: 1280, height: 720 },
  fps: { num: 24, den: 1 },
  gopFrames: 95,
  colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
};

test('the arguments of an encode, word for word', () => {
  const args = h264.encodeArgs(REQUEST);
  expect(args.join(' ')).toBe(
    '-c:v libx264 -preset medium -crf 24.5 -threads 1 -profile:v high -level:v 3.1 -maxrate 17500k -bufsize 17500k ' +
      '-g 95 -keyint_min 95 -x264-params stitchable=1:scenecut=0:open-gop=0:lookahead-threads=1 ' +
      '-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv -bsf:v filter_units=remove_types=6',
  );
});

test('a plain shot is encoded without psychovisual optimisation, and all else is the same', () => {
  const [usual, plain] = [h264.encodeArgs(REQUEST), h264.encodeArgs({ ...REQUEST, tune: 'plain' })];
  const changed = plain.flatMap((arg, i) => (arg === usual[i] ? [] : [[usual[i], arg]]));
  const params = usual[usual.indexOf('-x264-params') + 1];
  expect(changed).toEqual([[params, `${params}:psy=0:chroma-qp-offset=-2`]]);
  expect(plain).toHaveLength(usual.length);
});
