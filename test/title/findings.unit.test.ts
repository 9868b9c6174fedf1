import { expect, test } from 'vitest';
import type { AudioRendition } from '../../src/package/index.js';
import { loudnessFindings } from '../../src/title/findings.js';

const measured = { integrated: -23.04, range: 7.31, truePeak: -1.26 };

test('loudness of the master and of what ships is told; a silent track has none', () => {
  const rendition = { id: 'audio-en-stereo', loudness: { ...measured, integrated: -24 } } as AudioRendition;
  const silent = { id: 'audio-fr-stereo' } as AudioRendition;
  expect(loudnessFindings([{ track: 0, measured }, { track: 1 }], [rendition, silent])).toEqual([
    {
      code: 'loudness',
      severity: 'info',
      message: 'audio track 0 of the master: -23.0 LUFS integrated, range 7.3 LU, true peak -1.3 dBTP',
    },
    {
      code: 'loudness-shipped',
      severity: 'info',
      message: 'audio-en-stereo ships at -24.0 LUFS integrated, range 7.3 LU, true peak -1.3 dBTP',
    },
  ]);
});
