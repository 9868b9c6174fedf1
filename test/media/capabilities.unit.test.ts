import { describe, expect, it } from 'vitest';
import { parseEncoders, parseFilters, parseVersion } from '../../src/media/index.js';
import { modelProbeArgs, parseLibvmafVersion } from '../../src/media/libvmaf.js';

const ENCODERS = `Encoders:
 V..... = Video
 A..... = Audio
 .F.... = Frame-level multithreading
 ------
 V....D libx264              libx264 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10 (codec h264)
 VF...D ffv1                 FFmpeg video codec #1
 A....D aac                  AAC (Advanced Audio Coding)
 S..... mov_text             3GPP Timed Text subtitle
`;

const FILTERS = `Filters:
  T.. = Timeline support
  A = Audio input/output
  | = Source or sink filter
 T.C cropdetect        V->V       Auto-detect crop size.
 ... libvmaf           VV->V      Calculate the VMAF between two video streams.
 ... ebur128           A->N       EBU R128 scanner.
 ... nullsrc           |->V       Null video source.
 .. settb             V->V       Set timebase for the video output link.
`;

describe('what ffmpeg lists', () => {
  it('encoders, without the legend', () => {
    expect([...parseEncoders(ENCODERS)]).toEqual(['libx264', 'ffv1', 'aac', 'mov_text']);
    expect(parseEncoders('').size).toBe(0);
  });

  it('filters, without the legend', () => {
    expect([...parseFilters(FILTERS)]).toEqual(['cropdetect', 'libvmaf', 'ebur128', 'nullsrc', 'settb']);
  });
});

describe('versions', () => {
  it.each([
    ['ffmpeg version n7.0-7-gd38bf5e08e-20240407 Copyright (c)', 'n7.0-7-gd38bf5e08e-20240407'],
    ['packager version v3.4.2-c819dea-release', 'v3.4.2-c819dea-release'],
    ['hello', undefined],
  ])('%s', (line, version) => {
    expect(parseVersion(line)).toBe(version);
  });

  it("libvmaf's, from its log", () => {
    expect(parseLibvmafVersion('{\n  "version": "dea9a77",\n  "fps": 1 }')).toBe('dea9a77');
    expect(parseLibvmafVersion('')).toBeUndefined();
  });
});

describe('modelProbeArgs', () => {
  it('score one frame with a built-in model', () => {
    const args = modelProbeArgs('vmaf_v0.6.1neg');
    expect(args[args.indexOf('-lavfi') + 1]).toBe(
      'libvmaf=model=version=vmaf_v0.6.1neg:log_fmt=json:log_path=vmaf.json',
    );
  });
});
