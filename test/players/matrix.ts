import { readFileSync } from 'node:fs';
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

const TITLES: Record<PlayerName, { name: string; module: string }> = {
  shaka: { name: 'Shaka Player', module: 'shaka-player' },
  'hls.js': { name: 'hls.js', module: 'hls.js' },
  'dash.js': { name: 'dash.js', module: 'dashjs' },
};
const SHOWN: Record<Protection, string> = {
  clear: 'none',
  cbcs: 'ClearKey, `cbcs`',
  cenc: 'ClearKey, `cenc`',
  rotated: 'ClearKey, `cbcs`, keys that change',
};

/** The matrix as a table for docs/players.md, with the versions that are installed. */
export function matrixTable(): string {
  const rows = MATRIX.map(({ player, manifest, protection }) => {
    const { name, module } = TITLES[player];
    const { version } = JSON.parse(readFileSync(`node_modules/${module}/package.json`, 'utf8')) as {
      version: string;
    };
    const format = manifest === 'master.m3u8' ? 'HLS' : 'DASH';
    return `| ${name} ${version} | ${format} | ${SHOWN[protection]} |`;
  });
  return ['| player | manifest | encryption |', '| --- | --- | --- |', ...rows].join('\n');
}
