import type { Finding, TrackLoudness } from '../ingest/index.js';
import type { AudioRendition } from '../package/index.js';

interface Loudness {
  integrated: number;
  range: number;
  truePeak: number;
}

function figures({ integrated, range, truePeak }: Loudness): string {
  return `${integrated.toFixed(1)} LUFS integrated, range ${range.toFixed(1)} LU, true peak ${truePeak.toFixed(1)} dBTP`;
}

/** Loudness by EBU R 128, of the master's tracks and of what ships; silent tracks have none. */
export function loudnessFindings(
  tracks: readonly TrackLoudness[],
  shipped: readonly AudioRendition[],
): Finding[] {
  return [
    ...tracks.flatMap(({ track, measured }): Finding[] =>
      measured
        ? [
            {
              code: 'loudness',
              severity: 'info',
              message: `audio track ${track} of the master: ${figures(measured)}`,
            },
          ]
        : [],
    ),
    ...shipped.flatMap(({ id, loudness }): Finding[] =>
      loudness
        ? [{ code: 'loudness-shipped', severity: 'info', message: `${id} ships at ${figures(loudness)}` }]
        : [],
    ),
  ];
}
