import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT } from '../package-root.js';
import { mimeType } from './mime.js';
import { fileBelow } from './static-files.js';

/** Where the build puts the dashboard. */
export const DASHBOARD = join(BUILT, 'web/dashboard/');

/** A file of the dashboard, and the headers it has to be sent with. */
export interface DashboardFile {
  /** Absolute path. */
  path: string;
  headers: Readonly<Record<string, string>>;
}

/**
 * Nothing but the own server; blob: is how Media Source Extensions attach to a video, data: what Shaka Player begins text
 * tracks with.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The page that shows a title's report.html in a frame: a frame inherits the policy of the document that fills it, and
 * the report has its script and its styles in itself. The frame has no origin, so they get at nothing.
 */
const REPORT_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** By URL path: the pages, each with its policy. */
const PAGES: ReadonlyMap<string, { file: string; policy: string }> = new Map([
  ['/', { file: 'index.html', policy: POLICY }],
  ['/report.html', { file: 'report.html', policy: REPORT_POLICY }],
]);

/** Files below it have a digest of their bytes in their names: an address never gives other bytes. */
const ASSETS = '/assets/';

/**
 * What answers GET and HEAD of a URL path (encoded, without query) where it is the dashboard's: `/`, `/report.html` and
 * what they load from `/assets/`. Undefined for every other path, and where the dashboard was not built.
 */
export async function dashboardFile(path: string, root = DASHBOARD): Promise<DashboardFile | undefined> {
  const page = PAGES.get(path);
  if (page === undefined && !path.startsWith(ASSETS)) return undefined;
  const file = await fileBelow(root, page?.file ?? path.slice(1));
  if (file === undefined) return undefined;
  const facts = await stat(file);
  if (!facts.isFile()) return undefined;
  return {
    path: file,
    headers: {
      'content-type': mimeType(file),
      'content-length': String(facts.size),
      'cache-control': page ? 'no-store' : 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      ...(page ? { 'content-security-policy': page.policy } : {}),
    },
  };
}
