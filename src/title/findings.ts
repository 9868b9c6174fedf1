import type { Finding, MasterAudio, TrackLoudness } from '../ingest/index.js';
import type { AudioRendition, AudioTrackSetting } from '../package/index.js';

interface Loudness {
  integrated: number;
  range: number;
  truePeak: number;
}

function figures({ integrated, range, truePeak }: Loudness): string {
  return `${integrated.toFixed(1)} LUFS integrated, range ${range.toFixed(1)} LU, true peak ${truePeak.toFixed(1)} dBTP`;
}

/** Settings of audio tracks that the master does not have: most likely a wrong number. */
export function trackFindings(
  settings: readonly Pick<AudioTrackSetting, 'track'>[],
  tracks: readonly Pick<MasterAudio, 'track'>[],
): Finding[] {
  const known = tracks.map(({ track }) => track);
  const numbers = known.length === 0 ? 'none' : known.join(', ');
  return settings
    .filter(({ track }) => !known.includes(track))
    .map(({ track }) => ({
      code: 'audio-track-missing',
      severity: 'warning',
      message: `what is set of audio track ${track} has no effect: the tracks of the master are ${numbers}`,
    }));
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
