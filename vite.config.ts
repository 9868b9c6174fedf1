import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The dashboard (src/web/dashboard): static files with hashed names, no inline scripts or styles, so that the strict
// policy of src/web/dashboard-files.ts holds.
export default defineConfig({
  root: here('src/web/dashboard'),
  base: '/',
  publicDir: false,
  cacheDir: here('node_modules/.vite/dashboard'),
  logLevel: 'warn',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', jsxDev: false },
  build: {
    outDir: here('dist/src/web/dashboard'),
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // What is inlined (data: URLs, a polyfill's inline script) the policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: { index: here('src/web/dashboard/index.html'), report: here('src/web/dashboard/report.html') },
      // A module of Node's that found its way in works in no browser: that is an error, not a warning.
      onwarn: (warning) => {
        throw new Error(warning.message);
      },
    },
  },
});
