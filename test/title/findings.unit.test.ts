import { expect, test } from 'vitest';
import type { AudioRendition } from '../../src/package/index.js';
import { loudnessFindings, trackFindings } from '../../src/title/findings.js';

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

test('what is set of a track that there is not is told', () => {
  const settings = [{ track: 0 }, { track: 3 }];
  expect(
    trackFindings(settings, [{ track: 0 }, { track: 1 }]).map(({ code, message }) => [code, message]),
  ).toEqual([
    ['audio-track-missing', 'what is set of audio track 3 has no effect: the tracks of the master are 0, 1'],
  ]);
  expect(trackFindings(settings, [])).toHaveLength(2);
  expect(trackFindings([], [{ track: 0 }])).toEqual([]);
});
