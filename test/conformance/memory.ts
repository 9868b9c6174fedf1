import { type Refusal, type Resource, type Source } from '../../src/conformance/source/source.js';
import { LOCAL_ROOT, filesSource, localPath } from '../../src/conformance/source/local.js';
import { checkConformance, localUrl, type Conformance, type Profile } from '../../src/conformance/index.js';

/** A package in memory, by path. */
export type Files = Map<string, Buffer>;

/** Files of a package as a source; what it says of missing files and of paths that lead out is the product's own. */
export function memorySource(files: Files): Source {
  const missing = filesSource(new Map());
  return {
    root: LOCAL_ROOT,
    nameOf: (url) => missing.nameOf(url),
    open: (url): Promise<Resource | Refusal> => {
      const bytes = files.get(localPath(url) ?? '');
      if (!bytes) return missing.open(url);
      const read = (offset: number, length: number): Promise<Buffer> =>
        Promise.resolve(bytes.subarray(offset, offset + length));
      return Promise.resolve({ url, size: bytes.length, read });
    },
  };
}

/** Manifests of a package: MPDs, and playlists at its top. */
export function manifestsOf(files: Files): string[] {
  const top = [...files.keys()].filter((path) => /^[^/]+\.(mpd|m3u8)$/.test(path));
  const masters = top.filter(
    (path) => path.endsWith('.mpd') || files.get(path)!.includes('#EXT-X-STREAM-INF'),
  );
  return masters.map(localUrl);
}

export async function checkFiles(files: Files, profiles: readonly Profile[] = []): Promise<Conformance> {
  const target = { source: memorySource(files), manifests: manifestsOf(files) };
  return checkConformance(target, { profiles, signal: new AbortController().signal });
}

/** Ids of the rules that a package breaks, sorted. */
export async function rulesBroken(files: Files, profiles: readonly Profile[] = []): Promise<string[]> {
  const { findings } = await checkFiles(files, profiles);
  return findings.map(({ rule }) => rule.id).sort();
}

/** A package that can be edited; the one that it was made of stays as it is. */
export class Package {
  readonly files: Files;

  constructor(files: Files) {
    this.files = new Map(files);
  }

  bytes(path: string): Buffer {
    const bytes = this.files.get(path);
    if (!bytes) throw new Error(`${path} is not in the package`);
    return bytes;
  }

  /** Replaces text in a manifest; throws where that changes nothing. */
  text(path: string, from: string | RegExp, to: string): void {
    const before = this.bytes(path).toString('utf8');
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${String(from)} is not in ${path}`);
    this.files.set(path, Buffer.from(after));
  }

  /** As text, everywhere in a manifest. */
  everywhere(path: string, from: string, to: string): void {
    this.text(path, new RegExp(from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g'), to);
  }

  /** Edits a copy of a file's bytes, in place or by giving others. */
  patch(path: string, edit: (bytes: Buffer) => Buffer | void): void {
    const copy = Buffer.from(this.bytes(path));
    const after = edit(copy) ?? copy;
    if (after.equals(this.bytes(path))) throw new Error(`${path} is as it was`);
    this.files.set(path, after);
  }

  remove(path: string): void {
    this.bytes(path);
    this.files.delete(path);
  }
}
