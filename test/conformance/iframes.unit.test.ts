import { describe, expect, it } from 'vitest';
import { checkConformance, localUrl } from '../../src/conformance/index.js';
import { memorySource } from './memory.js';

/** Rules that an I-frame playlist breaks, whose one file has these bytes. */
async function broken(bytes: Buffer, ...tags: string[]): Promise<string[]> {
  const lines = [
    ...['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:2', '#EXT-X-PLAYLIST-TYPE:VOD'],
    ...['#EXT-X-I-FRAMES-ONLY', ...tags],
    ...['#EXTINF:2.0,', '#EXT-X-BYTERANGE:376@0', 'media', '#EXT-X-ENDLIST', ''],
  ];
  const files = new Map([
    ['p.m3u8', Buffer.from(lines.join('\n'))],
    ['media', bytes],
    ['init.mp4', bytes],
    ['key', Buffer.alloc(16)],
  ]);
  const target = { source: memorySource(files), manifests: [localUrl('p.m3u8')] };
  const { findings } = await checkConformance(target, { signal: new AbortController().signal });
  return findings.map(({ rule }) => rule.id).sort();
}

describe('entries of an I-frame playlist', () => {
  const packets = Buffer.alloc(4 * 188);
  for (let at = 0; at < packets.length; at += 188) packets[at] = 0x47;

  it('of MPEG-TS have no fragments to begin with', async () => {
    expect(await broken(packets)).toEqual([]);
  });

  it('of files that are encrypted as a whole have none that can be seen', async () => {
    const key = '#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x0123456789ABCDEF0123456789ABCDEF';
    expect(await broken(Buffer.alloc(1024, 0xa5), key, '#EXT-X-MAP:URI="init.mp4"')).toEqual([]);
  });

  it('of fragmented MP4 begin with one', async () => {
    const boxes = Buffer.from('\0\0\x02\0free'.padEnd(512, '\0'), 'latin1');
    expect(await broken(boxes, '#EXT-X-MAP:URI="init.mp4"')).toContain('HLS-IFRAME-RANGE');
  });
});
