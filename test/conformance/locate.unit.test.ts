import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localPath, localUrl, locate } from '../../src/conformance/index.js';
import { folderSource } from '../../src/conformance/source/local.js';
import { isRefusal, resolveUrl } from '../../src/conformance/source/source.js';

let root: string;

const MASTER = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv/a.m3u8\n';
const MEDIA = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST\n';

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-locate-'));
  await put('title/x/master.m3u8', MASTER);
  await put('title/x/media.m3u8', MEDIA);
  await put('title/x/manifest.mpd', '<MPD/>');
  await put('title/x/v/a.m3u8', MEDIA);
  await put('title/x/sp ace #1.m4s', 'media');
  await put('media/a.m3u8', MEDIA);
  await put('media/b.m3u8', MEDIA);
  await put('none/a.txt', '');
  await put('title.mov', 'hi');
  await put('stream', MASTER);
  await put('dash.xml', '\uFEFF\n<?xml?><MPD/>');
  await put('secret.mpd', 'secret');
  await symlink(join(root, 'secret.mpd'), join(root, 'title/x/link.m4s'));
  await symlink('manifest.mpd', join(root, 'title/x/inside.m4s'));
  execFileSync('mkfifo', [join(root, 'title/x/pipe.m4s')]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function manifests(name: string): Promise<string[]> {
  const target = await locate(name, root, new AbortController().signal);
  return target.manifests.map((url) => localPath(url) ?? url);
}

describe('locate', () => {
  it('finds the MPDs and master playlists of the uppermost folder that has any', async () => {
    expect(await manifests('title')).toEqual(['x/manifest.mpd', 'x/master.m3u8']);
    expect(await manifests('title/x')).toEqual(['manifest.mpd', 'master.m3u8']);
    expect(await manifests(join(root, 'title/x'))).toEqual(['manifest.mpd', 'master.m3u8']);
    // Of media playlists that no master names all are taken.
    expect(await manifests('media')).toEqual(['a.m3u8', 'b.m3u8']);
  });

  it('takes a manifest as it is', async () => {
    expect(await manifests('title/x/media.m3u8')).toEqual(['media.m3u8']);
    expect(await manifests('stream')).toEqual(['stream']);
    expect(await manifests('dash.xml')).toEqual(['dash.xml']);
  });

  it.each([
    ['nothing', 'nothing cannot be read (ENOENT)'],
    ['title.mov', 'there is neither an MPD nor an HLS playlist in title.mov'],
    ['none', 'there is neither an MPD nor an HLS playlist in none'],
    ['secret.mpd/x', 'secret.mpd/x cannot be read (ENOTDIR)'],
  ])('refuses %s', async (name, message) => {
    await expect(manifests(name)).rejects.toMatchObject({
      ...{ code: 'VERIFY_NO_MANIFEST', exitCode: 2, message },
    });
  });
});

describe('a folder', () => {
  /** The rule that says why a reference is not opened, or its content. */
  async function open(reference: string, base = localUrl('master.m3u8')): Promise<string> {
    const source = await folderSource(join(root, 'title/x'));
    const opened = await source.open(resolveUrl(reference, base) ?? '');
    if (isRefusal(opened)) return `${opened.rule.id}: ${opened.found}`;
    return (await opened.read(0, opened.size)).toString('utf8');
  }

  it('gives its files', async () => {
    expect(await open('manifest.mpd?query#fragment')).toBe('<MPD/>');
    expect(await open('sp%20ace%20%231.m4s')).toBe('media');
    expect(await open('inside.m4s')).toBe('<MPD/>');
    expect(await open('../manifest.mpd', localUrl('v/a.m3u8'))).toBe('<MPD/>');
  });

  it.each([
    '../../secret.mpd',
    '..%2f..%2fsecret.mpd',
    '%2e%2e/%2e%2e/secret.mpd',
    'link.m4s',
    '/etc/passwd',
    'file:///etc/passwd',
    '//host/secret.mpd',
    'http://127.0.0.1/secret.mpd',
    'v\\..\\..\\secret.mpd',
    'data:text/plain,x',
  ])('gives nothing for %s', async (reference) => {
    expect(await open(reference)).toMatch(
      /^SOURCE-(OUTSIDE|MISSING): (a reference that leads out of it|nothing)$/,
    );
  });

  it.each([
    ['none.m4s', 'nothing'],
    ['v', 'something else'],
    ['manifest.mpd/x', 'nothing'],
    ['pipe.m4s', 'something else'],
  ])('says what %s is', async (reference, found) => {
    expect(await open(reference)).toBe(`SOURCE-MISSING: ${found}`);
  });

  it('says what may not be read', async () => {
    await put('title/x/locked.m4s', 'x');
    await chmod(join(root, 'title/x/locked.m4s'), 0);
    // Who may read everything reads this too.
    const expected = process.getuid?.() === 0 ? 'x' : 'SOURCE-MISSING: no file that can be read (EACCES)';
    expect(await open('locked.m4s')).toBe(expected);
  });
});

describe('resolveUrl', () => {
  it('gives what URL gives, by whichever way', () => {
    const piece = fc.constantFrom(
      ...['a', 'b-1', '_.m4s', '.', '..', '/', '//', '?', '#', ':', ' ', '%2e', 'x.mp4', '\\'],
    );
    const bases = [
      'file:///package/',
      'file:///package/v/a.m3u8',
      'http://host/a/b?c=/d/#e/f',
      'https://host:8080/',
    ];
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom(...bases), (pieces, base) => {
        const reference = pieces.join('');
        const wanted = URL.canParse(reference.trim(), base)
          ? new URL(reference.trim(), base).href
          : undefined;
        expect(resolveUrl(reference, base)).toBe(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it('paths come back from URLs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[\w #?%&.-]{1,8}$/), { minLength: 1, maxLength: 4 }),
        (parts) => {
          fc.pre(parts.every((part) => part !== '.' && part !== '..'));
          expect(localPath(localUrl(parts.join('/')))).toBe(parts.join('/'));
        },
      ),
    );
  });
});
