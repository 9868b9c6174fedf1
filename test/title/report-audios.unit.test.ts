import { expect, it } from 'vitest';
import type { AudioRendition } from '../../src/package/index.js';
import { reportAudios } from '../../src/title/report-audios.js';

it('the report says of every rendition what viewers and players are told', () => {
  const rendition = (over: Partial<AudioRendition>): AudioRendition => ({
    ...{ id: 'a', track: 0, language: 'en', default: true, channels: 2, codecString: 'mp4a.40.2' },
    ...{ sampleRate: 48_000, bitrate: 128_000, blob: { sha256: 'f'.repeat(64), bytes: 1 } },
    ...over,
  });
  const loudness = { integrated: -23, range: 5, truePeak: -2 };
  const facts = { language: 'en', codecString: 'mp4a.40.2', sampleRate: 48_000, bitrate: 128_000 };
  expect(
    reportAudios([
      rendition({ id: 'talk', track: 0, role: 'commentary', title: 'The director' }),
      rendition({ id: 'film', track: 1, loudness }),
      rendition({ id: 'atmos', track: 1, codec: 'eac3', copied: true, joc: 16, dialnorm: -27, channels: 6 }),
    ]),
  ).toEqual([
    {
      ...facts,
      ...{ id: 'talk', track: 0, name: 'The director', role: 'commentary', default: false, channels: 2 },
      ...{ codec: 'aac', copied: false, sha256: 'f'.repeat(64) },
    },
    {
      ...facts,
      ...{ id: 'film', track: 1, name: 'en', role: 'main', default: true, channels: 2 },
      ...{ codec: 'aac', copied: false, loudness, sha256: 'f'.repeat(64) },
    },
    {
      ...facts,
      ...{ id: 'atmos', track: 1, name: 'en', role: 'main', default: true, channels: 6 },
      ...{ codec: 'eac3', copied: true, joc: 16, dialnorm: -27, sha256: 'f'.repeat(64) },
    },
  ]);
});
