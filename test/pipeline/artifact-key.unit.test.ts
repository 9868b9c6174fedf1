import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { artifactKey } from '../../src/pipeline/index.js';

const tools = { ffmpeg: { version: 'n7.0' }, ffprobe: { version: '6.1' }, packager: { version: 'v3.4.2' } };
const stage = { name: 'encode', version: 3, uses: ['ffmpeg'] as const };
const params = { crf: 23, source: { sha256: 'aa', bytes: 1 }, preset: 'slow' };

describe('artifactKey', () => {
  it('is the SHA-256 of the canonical description of the work', () => {
    const text =
      '{"params":{"crf":23,"preset":"slow","source":{"bytes":1,"sha256":"aa"}},' +
      '"stage":"encode","tools":{"ffmpeg":"n7.0"},"version":3}';
    expect(artifactKey(stage, tools, params)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('does not depend on the order of parameters, nor on tools that the stage does not use', () => {
    const other = { ...tools, packager: { version: 'v9' } };
    const { crf, preset, source } = params;
    expect(artifactKey(stage, other, { preset, source, crf })).toBe(artifactKey(stage, tools, params));
  });

  it('depends on the name, the version, the tools in use and every parameter', () => {
    const keys = [
      artifactKey(stage, tools, params),
      artifactKey({ ...stage, name: 'score' }, tools, params),
      artifactKey({ ...stage, version: 4 }, tools, params),
      artifactKey(stage, { ...tools, ffmpeg: { version: 'n7.1' } }, params),
      artifactKey({ ...stage, uses: ['ffmpeg', 'ffprobe'] }, tools, params),
      artifactKey(stage, tools, { ...params, crf: 24 }),
      artifactKey(stage, tools, { ...params, source: { sha256: 'ab', bytes: 1 } }),
      artifactKey(stage, tools, { ...params, extra: null }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
