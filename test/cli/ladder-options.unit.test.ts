import { describe, expect, it } from 'vitest';
import { type ConfigInput, mergeOptions } from '../../src/cli/config.js';
import { parseConfigFile } from '../../src/cli/config/file.js';
import { titleOptions } from '../../src/cli/title-setup.js';
import { type TitleOptions, deviceClass } from '../../src/title/index.js';

const options = (encode: NonNullable<ConfigInput['encode']>): TitleOptions =>
  titleOptions(mergeOptions({ encode }, {}));

describe('what a ladder may be made of', () => {
  it('says nothing where nothing is configured', () => {
    const plain = options({});
    for (const key of ['maxHeight', 'resolutions', 'rungs', 'maxLevel'])
      expect(plain).not.toHaveProperty(key);
    expect(plain.ladder).not.toHaveProperty('maxBitrate');
  });

  it('follows from the device class, and from what is given before it', () => {
    const { maxHeight, maxBitrate, maxLevel } = deviceClass('mobile');
    const device = options({ device: 'mobile' });
    expect(device).toMatchObject({ maxHeight, maxLevel, ladder: { maxBitrate } });
    const given = options({ device: 'mobile', maxHeight: 540, maxBitrate: 900_000, maxLevel: ['h264=3.1'] });
    expect(given).toMatchObject({
      maxHeight: 540,
      maxLevel: { ...maxLevel, h264: '3.1' },
      ladder: { maxBitrate: 900_000 },
    });
  });

  it('reads rungs and resolutions', () => {
    expect(options({ rungs: ['720p@vmaf=90', '@300k'], resolutions: [720, 360] })).toMatchObject({
      rungs: [{ height: 720, vmaf: 90 }, { bitrate: 300_000 }],
      resolutions: [720, 360],
    });
  });

  it('can be written in a file', () => {
    const file = parseConfigFile(
      'encode:\n  device: tv-hd\n  maxLevel: [h264=4.0]\n  rungs:\n    - 720p@2M\n    - "@vmaf=60"\n',
      'hullcast.yaml',
    );
    expect(titleOptions(mergeOptions(file, {}))).toMatchObject({
      rungs: [{ height: 720, bitrate: 2_000_000 }, { vmaf: 60 }],
      maxLevel: { h264: '4.0', hevc: '4.1' },
    });
  });

  it.each([
    [{ rungs: ['720p'] }, 'RUNGS_INVALID', '`720p` has no @'],
    [{ rungs: ['1080p@2M'], device: 'legacy' }, 'RUNGS_INVALID', 'higher than the 720 pixels'],
    [{ rungs: ['720p@2M'], maxBitrate: 1_000_000 }, 'RUNGS_INVALID', 'above the 1000000 bit/s'],
    [{ rungs: ['720p@2M'], resolutions: [480] }, 'RUNGS_INVALID', 'none of encode.resolutions (480)'],
    [{ codecs: ['h264', 'av1'], device: 'legacy' }, 'CONFIG_INVALID', 'encode.device legacy plays no av1'],
    [{ maxLevel: ['h265=4.1'] }, 'CONFIG_INVALID', 'encode.maxLevel: `h265=4.1` is not a codec'],
  ] as const)('refuses %j before anything is done', (encode, code, message) => {
    expect(() => mergeOptions({ encode: encode as unknown as ConfigInput['encode'] }, {})).toThrow(
      expect.objectContaining({ code, exitCode: 2, message: expect.stringContaining(message) as string }),
    );
  });

  it('takes a codec that the device does not play where its level is given', () => {
    expect(options({ codecs: ['av1'], device: 'legacy', maxLevel: ['av1=3.0'] }).maxLevel).toMatchObject({
      av1: '3.0',
    });
  });
});
