import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { licenseConfig } from './config-error.js';
import { askUpstream } from './proxy.js';
import type { Upstreams } from './upstreams.js';

const MOST_BYTES = 64 * 1024;
/** How long one that was fetched is good for; it changes once in years. */
const FRESH_MS = 5 * 60_000;

/** FairPlay's application certificate from its file. Throws LICENSE_CONFIG. */
export async function readCertificate({ fairplay }: Upstreams): Promise<Buffer | undefined> {
  const file = fairplay?.certificateFile;
  if (file === undefined) return undefined;
  const bytes = await readFile(resolve(file)).catch((error: NodeJS.ErrnoException) => {
    throw licenseConfig(`FairPlay's certificate ${file} cannot be read: ${error.code ?? error.message}`);
  });
  if (bytes.length === 0 || bytes.length > MOST_BYTES)
    throw licenseConfig(`FairPlay's certificate ${file} has ${bytes.length} bytes, which none has`);
  return bytes;
}

/** Gives the certificate, which everybody may have: a fetched one is kept for minutes, and fetched once at a time. */
export function certificateSource(
  { fairplay }: Upstreams,
  file: Uint8Array | undefined,
): (() => Promise<Uint8Array>) | undefined {
  if (file) return () => Promise.resolve(file);
  const url = fairplay?.certificateUrl;
  if (!fairplay || !url) return undefined;
  let fetched: { at: number; bytes: Promise<Uint8Array> } | undefined;
  return () => {
    if (fetched && performance.now() - fetched.at < FRESH_MS) return fetched.bytes;
    const bytes = askUpstream('fairplay', {
      ...{ method: 'GET', url, headers: {}, timeoutMs: fairplay.timeoutSeconds * 1000 },
      // Others may wait for the same answer: it is not given up with the one who asked first.
      signal: new AbortController().signal,
    }).then(({ body }) => body);
    const mine = { at: performance.now(), bytes };
    fetched = mine;
    // Only a certificate is kept. Who asked is told of the failure.
    bytes.catch(() => {
      if (fetched === mine) fetched = undefined;
    });
    return bytes;
  };
}
