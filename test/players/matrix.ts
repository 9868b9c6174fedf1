import type { PlayerName } from './adapter.js';
import { PROTECTIONS, type Protection } from './titles.js';

export interface MatrixRow {
  player: PlayerName;
  manifest: 'master.m3u8' | 'manifest.mpd';
  protection: Protection;
}

const MANIFESTS = {
  shaka: ['manifest.mpd', 'master.m3u8'],
  'hls.js': ['master.m3u8'],
  'dash.js': ['manifest.mpd'],
} as const satisfies Record<PlayerName, readonly MatrixRow['manifest'][]>;

/** What is played in the tests: every player with every manifest that it knows, unencrypted and in both schemes. */
export const MATRIX: readonly MatrixRow[] = Object.entries(MANIFESTS).flatMap(([player, manifests]) =>
  manifests.flatMap((manifest) =>
    PROTECTIONS.map((protection) => ({ player: player as PlayerName, manifest, protection })),
  ),
);
