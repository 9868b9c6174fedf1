import { expect, it } from 'vitest';
import { type Device, deliveredTexts } from '../../../src/package/delivery/manifests.js';
import type { DeliveryPlan } from '../../../src/package/delivery/types.js';

const KEY = (uri: string, iv = ''): string =>
  `METHOD=SAMPLE-AES,URI="${uri}"${iv},KEYFORMAT="urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b",KEYFORMATVERSIONS="1"`;
const IV = ',IV=0x11111111111111111111111111111111';
const playlist = (key: string): string => `#EXTM3U\n#EXT-X-KEY:${KEY(key, IV)}\n#EXTINF:2.0,\n1.m4s\n`;
const variant = (id: string): string =>
  `#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS="avc1"\nvideo/${id}/playlist.m3u8`;

it('a class has session keys of what is in it alone, though media playlists also name the constant IV', () => {
  const texts = new Map([
    [
      'master.m3u8',
      `#EXTM3U\n${['data:uhd', 'data:sd', 'data:all'].map((uri) => `#EXT-X-SESSION-KEY:${KEY(uri)}`).join('\n')}\n` +
        `${variant('uhd')}\n${variant('sd')}\n`,
    ],
    ['manifest.mpd', '<MPD></MPD>'],
    ['video/uhd/playlist.m3u8', playlist('data:uhd')],
    ['video/sd/playlist.m3u8', playlist('data:sd')],
  ]);
  const selection = { videos: ['sd'], audios: [], texts: { hls: [], dash: [] } };
  const device = {
    ...{ name: 'web', hls: 'master.web.m3u8', dash: 'manifest.web.mpd' },
    ...{ device: { name: 'web', drm: ['clearkey'] }, selection },
  } as unknown as Device;
  const plan = {
    ...{ files: [], markers: [], origins: [], fps: { num: 24, den: 1 } },
    facts: { videos: [], audios: [], texts: [], protection: { systems: ['clearkey'] } },
  } as unknown as DeliveryPlan;
  const master = deliveredTexts(plan, [device], texts).get('master.web.m3u8')!;
  // One that no playlist names is for all.
  expect([...master.matchAll(/SESSION-KEY:.*URI="data:(\w+)"/g)].map((match) => match[1])).toEqual([
    'sd',
    'all',
  ]);
});
