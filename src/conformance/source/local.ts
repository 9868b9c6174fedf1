import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileResource } from './file-resource.js';
import { SOURCE_MISSING, SOURCE_OUTSIDE } from './rules.js';
import type { Refusal, Resource, Source } from './source.js';

/** Local streams get URLs below this one: what leads out of it leads out of the folder. */
export const LOCAL_ROOT = 'file:///package/';

/** Path of a local URL, relative to the folder; undefined where it leads out of it. Queries name no file. */
export function localPath(url: string): string | undefined {
  if (!url.startsWith(LOCAL_ROOT)) return undefined;
  const encoded = url.slice(LOCAL_ROOT.length).replace(/[?#].*$/s, '');
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    path = encoded; // a percent sign that encodes nothing is part of the name
  }
  const parts = path.split('/');
  return parts.includes('..') || /[\0\\]/.test(path) ? undefined : path;
}

function outside(): Refusal {
  return {
    rule: SOURCE_OUTSIDE,
    expected: 'a file in the folder',
    found: 'a reference that leads out of it',
  };
}

function nameOf(url: string): string {
  return localPath(url) ?? url.replace(/^file:\/\//, '').replace(/[?#].*$/s, '');
}

/** Files of a folder. What links to files outside of it is not opened. */
export async function folderSource(folder: string): Promise<Source> {
  const root = await realpath(folder);
  return {
    root: LOCAL_ROOT,
    nameOf,
    open: async (url) => {
      const path = localPath(url);
      if (path === undefined) return outside();
      let real: string;
      try {
        real = await realpath(join(root, path));
      } catch {
        return { rule: SOURCE_MISSING, expected: 'a file', found: 'nothing' };
      }
      return real.startsWith(root.endsWith(sep) ? root : root + sep) ? fileResource(real, url) : outside();
    },
  };
}

/** Files by their path in a package, wherever they lie on disk. */
export function filesSource(files: ReadonlyMap<string, string>): Source {
  return {
    root: LOCAL_ROOT,
    nameOf,
    open: async (url): Promise<Resource | Refusal> => {
      const path = localPath(url);
      if (path === undefined) return outside();
      const file = files.get(path);
      if (file === undefined) return { rule: SOURCE_MISSING, expected: 'a file', found: 'nothing' };
      return fileResource(file, url);
    },
  };
}
