import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { type HullcastError, badUsage } from '../errors.js';
import { isMaster } from './hls/master-playlist.js';
import { scan } from './hls/scan.js';
import { LIMITS } from './limits.js';
import { httpSource } from './source/http.js';
import { LOCAL_ROOT, folderSource } from './source/local.js';
import { type Source, isRefusal } from './source/source.js';

/** What of a playlist is read to see whether it is a master. */
const HEAD_BYTES = 64 * 1024;

const MANIFEST = /\.(mpd|m3u8)$/i;

/** What is to be checked. */
export interface Target {
  source: Source;
  /** URLs of manifests. */
  manifests: string[];
}

/** URL of a path in the folder. */
export function localUrl(path: string): string {
  return LOCAL_ROOT + path.split('/').map(encodeURIComponent).join('/');
}

function nothing(name: string): HullcastError {
  return badUsage(
    'VERIFY_NO_MANIFEST',
    `there is neither an MPD nor an HLS playlist in ${name}`,
    'Name the folder, the .mpd or the master .m3u8 of a title, or the URL of one.',
  );
}

function unreadable(name: string, error: NodeJS.ErrnoException): HullcastError {
  const message = `${name} cannot be read (${error.code ?? error.message})`;
  return badUsage('VERIFY_NO_MANIFEST', message, 'Check the path, and who may read it.');
}

async function entriesOf(path: string, folder: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(relative(folder, path) || basename(folder), error);
  });
}

/** Paths of manifests below a folder, relative to it, the shallowest level that has any. */
async function findManifests(folder: string): Promise<string[]> {
  let level = [folder];
  let seen = 0;
  while (level.length > 0) {
    const next: string[] = [];
    const found: string[] = [];
    for (const path of level) {
      for (const entry of await entriesOf(path, folder)) {
        seen += 1;
        if (seen > LIMITS.entries) return found;
        const full = resolve(path, entry.name);
        if (entry.isDirectory()) next.push(full);
        else if (MANIFEST.test(entry.name)) found.push(relative(folder, full).split(sep).join('/'));
      }
    }
    if (found.length > 0) return found.sort();
    level = next;
  }
  return [];
}

/** Master playlists and MPDs; media playlists only where there is no master that names them. */
async function withoutNamed(urls: readonly string[], source: Source): Promise<string[]> {
  const mpds = urls.filter((url) => /\.mpd$/i.test(url));
  const playlists = urls.filter((url) => !/\.mpd$/i.test(url));
  const masters: string[] = [];
  for (const url of playlists) {
    const opened = await source.open(url);
    if (isRefusal(opened)) continue;
    // Its first tags say what it is.
    if (isMaster(scan(await opened.read(0, HEAD_BYTES)))) masters.push(url);
  }
  return [...mpds, ...(masters.length > 0 ? masters : playlists)].slice(0, LIMITS.manifests);
}

/** Of a file whose name does not say so: whether it begins as playlists and XML do. */
async function looksLikeManifest(source: Source, url: string): Promise<boolean> {
  const opened = await source.open(url);
  if (isRefusal(opened)) return true; // which is reported
  const head = (await opened.read(0, Math.min(opened.size, HEAD_BYTES))).toString('utf8');
  return /^\uFEFF?(?:#EXTM3U|\s*<)/.test(head);
}

async function locateLocal(path: string, name: string): Promise<Target> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(name, error);
  });
  if (!stats.isDirectory()) {
    const source = await folderSource(dirname(path));
    const url = localUrl(basename(path));
    if (!MANIFEST.test(path) && !(await looksLikeManifest(source, url))) throw nothing(name);
    return { source, manifests: [url] };
  }
  const source = await folderSource(path);
  const found = await findManifests(path);
  if (found.length === 0) throw nothing(name);
  return { source, manifests: await withoutNamed(found.map(localUrl), source) };
}

/** What a path or an http(s) URL names. Throws VERIFY_NO_MANIFEST, VERIFY_URL. */
export async function locate(name: string, cwd: string, signal: AbortSignal): Promise<Target> {
  if (/^https?:\/\//i.test(name)) {
    const url = URL.canParse(name) ? new URL(name) : undefined;
    if (url?.username !== '' || url.password !== '') {
      throw badUsage(
        'VERIFY_URL',
        `${url ? 'a URL with a password in it' : name} cannot be checked`,
        'Give the address of an .mpd or a master .m3u8.',
      );
    }
    url.hash = '';
    return { source: httpSource(url.href, signal), manifests: [url.href] };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    throw badUsage(
      'VERIFY_URL',
      `${name.split(':', 1)[0]} is no protocol that streams are read by`,
      'Give a path, or an http or https URL.',
    );
  }
  return locateLocal(resolve(cwd, name), name);
}
