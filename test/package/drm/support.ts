import { readFile } from 'node:fs/promises';
import { titleKeys } from '../../../src/package/index.js';
import type { Encryption, PackageParams, PackageResult } from '../../../src/package/index.js';
import type { TestStage } from '../../support/stage.js';

/** An encryption of a title by the key service of tests. */
export function encryptionFor(title: PackageParams, over: Partial<Encryption> = {}): Encryption {
  const { preset = 'tiers', contentId = 'a title', scheme = 'cbcs' } = over;
  const count = over.periodStarts?.length;
  const sound = title.audios.length > 0;
  const keys = titleKeys({ videos: title.videos, sound }, preset, contentId, count);
  return {
    ...{ scheme, contentId, keyService: 'memory', preset, keys, clearLeadSeconds: 0 },
    systems:
      scheme === 'cbcs'
        ? ['widevine', 'playready', 'fairplay', 'clearkey']
        : ['widevine', 'playready', 'clearkey'],
    ...over,
  };
}

/** Reads files of a package, which are looked up once. */
export class PackageReader {
  readonly paths: string[];
  private readonly blobs: Map<string, PackageResult['files'][number]['blob']>;

  constructor(
    private readonly stage: TestStage,
    { files }: PackageResult,
  ) {
    this.blobs = new Map(files.map(({ path, blob }) => [path, blob]));
    this.paths = [...this.blobs.keys()];
  }

  async bytes(path: string): Promise<Buffer> {
    const blob = this.blobs.get(path);
    if (!blob) throw new Error(`${path} is not in the package`);
    return readFile(await this.stage.context.path(blob));
  }

  async text(path: string): Promise<string> {
    return (await this.bytes(path)).toString('utf8');
  }

  /** Media segments of a rendition's folder, in order. */
  async segments(folder: string): Promise<Buffer[]> {
    const count = this.paths.filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.m4s')).length;
    return Promise.all(Array.from({ length: count }, (_, index) => this.bytes(`${folder}/${index + 1}.m4s`)));
  }
}

/** Lines of a tag in a playlist, as maps of their attributes, quotes taken off. */
export function keyTags(playlist: string, tag = 'EXT-X-KEY'): Map<string, string>[] {
  return playlist
    .split('\n')
    .filter((line) => line.startsWith(`#${tag}:`))
    .map((line) => {
      const list = line.slice(line.indexOf(':') + 1);
      const pairs = [...list.matchAll(/([A-Z-]+)=(?:"([^"]*)"|([^,"]*))(?:,|$)/g)];
      if (pairs.map(([whole]) => whole).join('') !== list) throw new Error(`no attribute list: ${list}`);
      return new Map(pairs.map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']));
    });
}

/** Bytes of a `data:` URI. */
export function dataOf(uri: string | undefined): Buffer {
  const found = /^data:([^,]*);base64,(.*)$/.exec(uri ?? '');
  if (!found) throw new Error(`no data URI: ${uri}`);
  return Buffer.from(found[2] ?? '', 'base64');
}
