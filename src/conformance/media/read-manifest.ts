import type { Findings } from '../findings.js';
import { LIMITS } from '../limits.js';
import type { Opener } from './opener.js';
import { SOURCE_LIMIT } from '../source/rules.js';
import { ReadRefused, type Refusal, isRefusal } from '../source/source.js';

/** A manifest's bytes, and where references in it start from. */
export interface ManifestBytes {
  url: string;
  bytes: Buffer;
}

/** Reads a manifest as a whole. */
export async function readManifest(url: string, opener: Opener): Promise<ManifestBytes | Refusal> {
  try {
    const opened = await opener.file(url);
    if (isRefusal(opened)) return opened;
    if (opened.size > LIMITS.manifestBytes) {
      const expected = `at most ${LIMITS.manifestBytes} bytes`;
      return { rule: SOURCE_LIMIT, expected, found: `${opened.size} bytes` };
    }
    opener.manifestBytes += opened.size;
    if (opener.manifestBytes > LIMITS.allManifestBytes) {
      const expected = `at most ${LIMITS.allManifestBytes} bytes of manifests`;
      return { rule: SOURCE_LIMIT, expected, found: 'more' };
    }
    return { url: opened.url, bytes: await opened.read(0, opened.size) };
  } catch (error) {
    if (!(error instanceof ReadRefused)) throw error;
    return error.refusal;
  }
}

/** As readManifest; reports a refusal, and gives nothing then. `namedBy` is the manifest that names it. */
export async function readNamed(
  url: string,
  namedBy: string,
  opener: Opener,
  findings: Findings,
): Promise<ManifestBytes | undefined> {
  const read = await readManifest(url, opener);
  if (!isRefusal(read)) return read;
  const expected = `${read.expected}, named by ${namedBy}`;
  findings.add(read.rule, { file: opener.nameOf(url), expected, found: read.found });
  return undefined;
}
