import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

// The command line in few files: of its seven hundred modules Node would load each by itself, which takes half a second at
// every start. Packages stay where they are. The build (tsc) has come before.
const OUT = 'dist/cli';

await rm(OUT, { recursive: true, force: true });
await build({
  entryPoints: ['dist/src/cli/main.js'],
  outdir: OUT,
  bundle: true,
  splitting: true, // what commands import when they need it stays in files of its own
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  keepNames: true,
  logLevel: 'warning',
});
