import { existsSync, readFileSync, statSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { HullcastError, badUsage } from '../errors.js';
import type { KeyService } from '../keys/index.js';
import {
  type PlayerConfig,
  PLAYER_SCRIPT,
  PLAYER_STYLE,
  fileBelow,
  playerHtml,
  sendFile,
  sendText,
} from '../web/index.js';
import { type PlayLicenses, openPlayLicenses } from './play-licenses.js';

export interface PlayOptions {
  /** TCP port; 0, the default, takes a free one. */
  port?: number;
  /** Opens what the keys of a protected title come from. */
  keys?: (() => Promise<KeyService>) | undefined;
  /** Told of requests that failed for a reason of the server's own, which were answered with 500. */
  onError?: (error: unknown) => void;
}

export interface PlayServer {
  /** Address of the player page, e.g. `http://127.0.0.1:8080/`. */
  url: string;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const TEXT = 'text/plain; charset=utf-8';

/**
 * Only what the server itself gives; blob: is how Media Source Extensions attach, images may be data:, and so may the
 * empty files that Shaka Player begins text tracks with.
 */
const POLICY = [
  "default-src 'self'",
  "media-src 'self' blob: data:",
  "worker-src 'self' blob:",
  "img-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function shakaPath(): string {
  const require = createRequire(import.meta.url);
  return require.resolve('shaka-player/dist/shaka-player.compiled-es2021.js');
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The title's name from report.json; the folder's name where there is no readable report. */
function titleName(dir: string): string {
  try {
    const report = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as {
      title?: { name?: unknown };
    } | null;
    if (typeof report?.title?.name === 'string') return report.title.name;
  } catch {
    // No report, or a broken one: the title plays all the same, under its folder's name.
  }
  return basename(dir);
}

/** What the page can offer of a folder; throws PLAY_NO_TITLE where it holds no manifest. */
export function playerConfig(dir: string): PlayerConfig {
  const has = (file: string): boolean => isFile(join(dir, file));
  const manifests = {
    ...(has('manifest.mpd') ? { dash: '/title/manifest.mpd' } : {}),
    ...(has('master.m3u8') ? { hls: '/title/master.m3u8' } : {}),
  };
  if (Object.keys(manifests).length === 0) {
    const what = existsSync(dir) ? 'has neither manifest.mpd nor master.m3u8' : 'does not exist';
    throw badUsage(
      'PLAY_NO_TITLE',
      `there is no title to play: ${dir} ${what}`,
      'give the folder that hullcast encode --out wrote',
    );
  }
  return {
    name: titleName(dir),
    manifests,
    ...(has('report.json') ? { report: '/title/report.json' } : {}),
    ...(has('report.html') ? { reportPage: '/title/report.html' } : {}),
  };
}

/** Sends the page, a file of it, or a file of the title. */
async function sendPath(
  dir: string,
  licenses: PlayLicenses | undefined,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (path) {
    case '/': {
      response.setHeader('content-security-policy', POLICY);
      const config = { ...playerConfig(dir), ...(licenses && { license: licenses.config }) };
      return sendText(request, response, 200, 'text/html; charset=utf-8', playerHtml(config));
    }
    case '/player/page.js':
      return sendText(request, response, 200, 'text/javascript; charset=utf-8', PLAYER_SCRIPT);
    case '/player/page.css':
      return sendText(request, response, 200, 'text/css; charset=utf-8', PLAYER_STYLE);
    case '/player/shaka.js':
      return sendFile(request, response, shakaPath());
  }
  const file = path.startsWith('/title/') ? await fileBelow(dir, path.slice('/title/'.length)) : undefined;
  if (file === undefined) return sendText(request, response, 404, TEXT, 'Not found\n');
  return sendFile(request, response, file);
}

async function answer(
  dir: string,
  licenses: PlayLicenses | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  // A page elsewhere whose name resolves to 127.0.0.1 (DNS rebinding) must not read the title.
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (host !== HOST && host !== 'localhost')
    return sendText(request, response, 421, TEXT, 'Misdirected request\n');
  const path = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
  if (licenses && path.startsWith('/license/')) return licenses.handle(request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return sendText(request, response, 405, TEXT, 'Method not allowed\n');
  }
  return sendPath(dir, licenses, path, request, response);
}

function isDroppedConnection(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'].includes(code);
}

/**
 * Serves a finished title and a page that plays it, on 127.0.0.1 only: the page at `/`, its scripts below `/player/`,
 * the folder's files below `/title/` with range requests, ClearKey licences of a protected title below `/license/`. Throws PLAY_NO_TITLE where the folder holds no manifest and
 * PLAY_PORT where the port cannot be had.
 */
export async function servePlayer(folder: string, options: PlayOptions = {}): Promise<PlayServer> {
  const dir = resolve(folder);
  playerConfig(dir);
  const licenses = await openPlayLicenses(dir, options.keys);
  const server = createServer((request, response) => {
    answer(dir, licenses, request, response).catch((error: unknown) => {
      // A viewer who seeks drops requests midway: nobody is left to answer.
      if (!isDroppedConnection(error)) options.onError?.(error);
      if (response.headersSent || response.destroyed) response.destroy();
      else sendText(request, response, 500, TEXT, 'Server error\n');
    });
  });
  const port = options.port ?? 0;
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) => {
      const hint = 'choose another with --port, or 0 for any that is free';
      fail(
        new HullcastError('PLAY_PORT', `cannot listen on ${HOST}:${port}: ${cause.message}`, { hint, cause }),
      );
    });
    server.listen(port, HOST, done);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}/`,
    close: () =>
      new Promise<void>((done, fail) => {
        server.close((error) => (error ? fail(error) : done()));
        server.closeAllConnections();
      }).then(() => licenses?.close()),
  };
}
