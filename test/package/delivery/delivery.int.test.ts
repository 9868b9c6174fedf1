/// <reference lib="dom" />
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24 } from '../../../fixtures/renditions.js';
import {
  type DeliverParams,
  type DeliverResult,
  type DeliveredMarker,
  type Encryption,
  type NamedClass,
  type PackageParams,
  type PackagedFile,
  type TextTrack,
  deliverStage,
  packageStage,
  verifyStage,
} from '../../../src/package/index.js';
import { DEVICE_CLASSES } from '../../../src/title/index.js';
import { NO_DELIVERY, deliverParams, shippedFiles } from '../../../src/title/delivery.js';
import { formatCues } from '../../../src/text/index.js';
import { launchChromium } from '../../support/chromium.js';
import { memoryKeys } from '../../support/keys.js';
import { type TestStage, stageContext } from '../../support/stage.js';
import { cue } from '../../text/support.js';
import { encryptionFor, keyTags } from '../drm/support.js';
import { freshContext, testTitle } from '../support.js';
import { spliceSection } from './sections.js';
import { outOfOrder } from '../../support/mpd-order.js';

const MARKERS: DeliveredMarker[] = [
  {
    ...{ id: 'intro-1', kind: 'intro', startFrame: 6, endFrame: 30, source: 'manual', confidence: 1 },
    inManifests: true,
  },
  {
    ...{
      id: 'splice-00000001',
      kind: 'adbreak',
      startFrame: 33,
      endFrame: 36,
      source: 'scte35',
      confidence: 1,
    },
    ...{ scte35: { out: spliceSection({ eventId: 1, out: true }).toString('hex') }, inManifests: true },
  },
  {
    ...{
      id: 'credits-1',
      kind: 'credits',
      startFrame: 150,
      endFrame: 192,
      source: 'detected',
      confidence: 0.3,
    },
    ...{ evidence: ['black before it'], inManifests: false },
  },
];

/** 90 lines, no more; what plays all; AV1 alone; one without text. */
const CLASSES: NamedClass[] = [
  { name: 'small', ...DEVICE_CLASSES.web, maxHeight: 90 },
  { name: 'all', ...DEVICE_CLASSES['tv-4k'] },
  { name: 'av1', ...DEVICE_CLASSES.web, maxLevel: { av1: '5.1' } },
  { name: 'mute', ...DEVICE_CLASSES.web, text: [] },
];

let stage: TestStage;
let title: PackageParams & { texts: TextTrack[] };
let packaged: PackagedFile[];

beforeAll(async () => {
  stage = await stageContext({ keys: memoryKeys() });
  const path = join(stage.context.scratch, randomUUID());
  await writeFile(path, formatCues([cue(0, 4600, ['hello'])]));
  const text: TextTrack = {
    ...{ id: 'text-en', language: 'en', name: 'English', kind: 'subtitles', forced: false, default: false },
    ...{ autoselect: true, blob: await stage.context.keep(path), cues: 1 },
  };
  title = { ...(await testTitle(stage, TITLE_24, 'stereo')), texts: [text] };
  packaged = (await packageStage.run(title, await freshContext(stage))).files;
});
afterAll(() => stage.cleanUp());

function params(over: Partial<DeliverParams> = {}, encryption?: Encryption): DeliverParams {
  const { videos, audios, texts } = title;
  const files = over.files ?? packaged;
  const options = { classes: CLASSES, origins: [], markers: { detect: false, minConfidence: 1, given: [] } };
  const made = deliverParams(
    { files, videos, audios, texts, ...(encryption ? { encryption } : {}) },
    options,
    MARKERS,
  );
  return { ...made!, ...over };
}

const deliver = async (given: DeliverParams): Promise<DeliverResult> =>
  deliverStage.run(given, await freshContext(stage));

async function textOf(files: readonly PackagedFile[], path: string): Promise<string> {
  const file = files.find((each) => each.path === path);
  if (!file) throw new Error(`there is no ${path}`);
  return readFile(await stage.context.path(file.blob), 'utf8');
}

describe('what is delivered', () => {
  it('are manifests of classes over the segments of the package, and no class that has nothing', async () => {
    const result = await deliver(params());
    expect(
      result.devices.map(({ name, hls, dash, videos, texts }) => [name, hls, dash, videos, texts]),
    ).toEqual([
      ['small', 'master.small.m3u8', 'manifest.small.mpd', ['h264-90'], ['text-en']],
      ['all', 'master.all.m3u8', 'manifest.all.mpd', ['h264-180', 'h264-90'], ['text-en']],
      ['mute', 'master.mute.m3u8', 'manifest.mute.mpd', ['h264-180', 'h264-90'], []],
    ]);
    expect(result.findings).toEqual([
      {
        ...{ code: 'device-left-out', severity: 'warning' },
        message:
          'there are no manifests for av1: no picture is left: its devices do not play h264 (2 renditions)',
      },
    ]);
    const { files } = result;
    expect(files.filter(({ path }) => !/\.(m3u8|mpd)$/.test(path)).map(({ path }) => path)).toEqual([
      'markers.json',
    ]);
    expect(await textOf(files, 'master.all.m3u8')).toBe(await textOf(packaged, 'master.m3u8'));
    expect(await textOf(files, 'master.mute.m3u8')).not.toContain('SUBTITLES');
    expect(await deliver(params())).toEqual(result);
  });

  it('passes every check that the package passed, markers and all', async () => {
    const { files } = await deliver(params());
    const shipped = shippedFiles({ files: packaged }, { files });
    expect(shipped).toHaveLength(packaged.length + 7);
    const { videos, audios, texts } = title;
    const verified = await verifyStage.run(
      { files: shipped, videos, audios, texts },
      await freshContext(stage),
    );
    expect(verified.findings).toEqual([]);
    const dated = shipped.filter(
      ({ path }) => path.endsWith('playlist.m3u8') || path.endsWith('iframes.m3u8'),
    );
    for (const { path } of dated)
      expect(await textOf(shipped, path)).toContain('#EXT-X-PROGRAM-DATE-TIME:2000-');
    expect(await textOf(shipped, 'video/h264-90/playlist.m3u8')).not.toContain('credits');
  });

  it('changes nothing where there is nothing to say', async () => {
    expect(await deliver(params({ classes: [], markers: [] }))).toEqual({
      files: [],
      devices: [],
      findings: [],
    });
    const nothing = { classes: [], origins: [], markers: { detect: true, minConfidence: 0, given: [] } };
    expect(deliverParams({ files: packaged, ...title }, nothing, [])).toBeUndefined();
    expect(shippedFiles({ files: packaged }, NO_DELIVERY)).toEqual(packaged);
  });

  it('is refused where a manifest names what is not there', async () => {
    for (const path of [
      'video/h264-90/2.m4s',
      'audio/audio-en-stereo/init.mp4',
      'video/h264-180/iframes.m3u8',
    ]) {
      const files = packaged.filter((file) => file.path !== path);
      await expect(deliver(params({ files }))).rejects.toMatchObject({ code: 'DELIVERY_UNSOUND' });
    }
  });
});

it('an encrypted title tells each class of its own systems alone', async () => {
  const encryption = encryptionFor(title, { systems: ['widevine', 'playready', 'fairplay'] });
  const { files } = await packageStage.run({ ...title, encryption }, await freshContext(stage));
  const apple: NamedClass = { name: 'apple', ...DEVICE_CLASSES.mobile, drm: ['fairplay'], maxHeight: 90 };
  const result = await deliver(
    params({ files, classes: [apple, { name: 'legacy', ...DEVICE_CLASSES.legacy }] }, encryption),
  );
  expect(result.findings.map(({ message }) => message)).toEqual([
    'there are no manifests for legacy: the title is encrypted with cbcs, and its devices decrypt cenc',
  ]);
  const all = keyTags(await textOf(files, 'master.m3u8'), 'EXT-X-SESSION-KEY');
  const own = keyTags(await textOf(result.files, 'master.apple.m3u8'), 'EXT-X-SESSION-KEY');
  expect(own).toEqual(all.filter((key) => key.get('KEYFORMAT') === 'com.apple.streamingkeydelivery'));
  expect(own.length).toBeGreaterThan(0);
  const mpd = await textOf(result.files, 'manifest.apple.mpd');
  expect(
    new Set([...mpd.matchAll(/<ContentProtection schemeIdUri="([^"]*)"/g)].map(([, uri]) => uri)),
  ).toEqual(new Set(['urn:mpeg:dash:mp4protection:2011', 'urn:uuid:94ce86fb-07ff-4f43-adb8-93d2fa968ca2']));
});

it('a title whose keys change has its classes, markers and servers in every period, and passes every check', async () => {
  const encryption = encryptionFor(title, { periodStarts: [0, 48, 144] });
  const { files } = await packageStage.run({ ...title, encryption }, await freshContext(stage));
  const small: NamedClass = { name: 'small', ...DEVICE_CLASSES.web, maxHeight: 90 };
  const credits = MARKERS.map((marker) => ({ ...marker, inManifests: true }));
  const given = { files, classes: [small], markers: credits };
  const result = await deliver(params(given, encryption));
  const shipped = shippedFiles({ files }, result);
  const { videos, audios, texts } = title;
  const { findings } = await verifyStage.run(
    { files: shipped, videos, audios, texts, encryption },
    await freshContext(stage),
  );
  expect(findings).toEqual([]);

  const mpd = await textOf(shipped, 'manifest.small.mpd');
  const periods = mpd.match(/<Period\b[\s\S]*?<\/Period>/g)!;
  expect(periods).toHaveLength(3);
  for (const [index, period] of periods.entries()) {
    expect([...period.matchAll(/<Representation id="([^"]*)"/g)].map(([, id]) => id)).toEqual([
      ...['h264-90', 'audio-en-stereo', 'text-en'],
    ]);
    expect(period.includes('/init-2.mp4')).toBe(index === 1);
  }
  expect(
    periods.map((period) => [...period.matchAll(/<Marker [^>]*id="([^"]*)"/g)].map(([, id]) => id)),
  ).toEqual([['intro-1', 'splice-00000001'], [], ['credits-1']]);
  // On the period's own clock: frame 150 is the sixth of the last.
  expect(periods[2]).toContain('presentationTime="6"');

  const origins = [
    { id: 'a', url: 'https://a.example/title/' },
    // Within the folder of the other.
    { id: 'b', url: 'https://a.example/title/copy/' },
  ];
  const several = await deliver(params({ ...given, origins }, encryption));
  const named = await textOf(several.files, 'manifest.small.mpd');
  expect([mpd, named].flatMap(outOfOrder)).toEqual([]);
  expect(named.match(/<BaseURL /g)).toHaveLength(2);
  expect(named.match(/<Period /g)).toHaveLength(3);
});

describe('in Chromium', () => {
  let browser: Browser;
  let server: Server;
  let base: string;
  let asked: string[] = [];
  /** Local files by path. */
  const served = new Map<string, string>();

  beforeAll(async () => {
    const types: Record<string, string> = {
      mpd: 'application/dash+xml',
      m3u8: 'application/vnd.apple.mpegurl',
    };
    server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0]!;
      asked.push(path);
      if (path === '/') {
        response.setHeader('content-type', 'text/html');
        response.end('<video muted></video><script src="/player.js"></script>');
      } else if (path === '/steer') {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ VERSION: 1, TTL: 300, 'PATHWAY-PRIORITY': ['b', 'a'] }));
      } else {
        // Both servers have every file.
        const file = served.get(path.replace(/^\/[ab]\//, '/'));
        if (file === undefined) response.writeHead(404).end();
        else {
          response.setHeader('content-type', types[path.split('.').pop()!] ?? 'application/octet-stream');
          createReadStream(file).pipe(response);
        }
      }
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    await new Promise((done) => server?.close(done));
  });

  async function serve(result: DeliverResult): Promise<void> {
    served.clear();
    served.set('/player.js', resolve('node_modules/shaka-player/dist/shaka-player.compiled.js'));
    for (const { path, blob } of shippedFiles({ files: packaged }, result)) {
      served.set(`/${path}`, await stage.context.path(blob));
    }
  }

  interface Played {
    time: number;
    heights: (number | null)[];
    /** Regions that were entered: scheme, id, start and end. */
    entered: [string, string, number, number][];
    errors: string[];
  }

  /** Plays two seconds. */
  async function play(path: string): Promise<Played> {
    asked = [];
    const page = await browser.newPage();
    await page.goto(base);
    const played = await page.evaluate(async (url): Promise<Played> => {
      interface Region {
        schemeIdUri: string;
        id: string;
        startTime: number;
        endTime: number;
      }
      interface Player extends EventTarget {
        attach(video: HTMLVideoElement): Promise<void>;
        load(url: string): Promise<void>;
        getVariantTracks(): { height: number | null }[];
      }
      const { shaka } = window as unknown as { shaka: { Player: new () => Player } };
      const video = document.querySelector('video')!;
      const player = new shaka.Player();
      const errors: string[] = [];
      const entered: Played['entered'] = [];
      const code = (error: unknown): string => String((error as { code?: number }).code ?? error);
      player.addEventListener('error', (event) => errors.push(code((event as CustomEvent).detail)));
      player.addEventListener('timelineregionenter', (event) => {
        const { schemeIdUri, id, startTime, endTime } = (event as CustomEvent<Region>).detail;
        entered.push([schemeIdUri, id, startTime, endTime]);
      });
      await player.attach(video);
      player
        .load(url)
        .then(() => video.play())
        .catch((error: unknown) => errors.push(code(error)));
      const end = performance.now() + 15_000;
      while (performance.now() < end && video.currentTime < 2 && errors.length === 0)
        await new Promise((tick) => setTimeout(tick, 50));
      const heights = [...new Set(player.getVariantTracks().map(({ height }) => height))];
      return { time: video.currentTime, heights, entered, errors };
    }, `${base}${path}`);
    await page.close();
    return played;
  }

  it.each([
    ['master.small.m3u8', 'com.hullcast.intro', 'com.apple.quicktime.HLS'],
    ['manifest.small.mpd', 'urn:hullcast:markers:2026', 'urn:scte:scte35:2014:xml+bin'],
  ])('%s plays and its markers are met', async (path, scheme, splices) => {
    await serve(await deliver(params()));
    const { time, heights, entered, errors } = await play(`/${path}`);
    expect(errors).toEqual([]);
    expect(time).toBeGreaterThanOrEqual(2);
    expect(heights).toEqual([90]);
    expect(asked.some((each) => each.startsWith('/video/h264-180/'))).toBe(false);
    const intro = entered.find(([each]) => each === scheme);
    expect(intro?.slice(2)).toEqual([0.25, 1.25]);
    expect(entered.find(([each]) => each === splices)?.slice(2)).toEqual([1.375, 1.5]);
  });

  it.each(['master.m3u8', 'manifest.small.mpd'])(
    '%s goes to the server that steering prefers',
    async (path) => {
      const origins = ['a', 'b'].map((id) => ({ id, url: `${base}/${id}/` }));
      await serve(await deliver(params({ origins, steeringUrl: `${base}/steer` })));
      const { time, errors } = await play(`/${path}`);
      expect(errors).toEqual([]);
      expect(time).toBeGreaterThanOrEqual(2);
      expect(asked).toContain('/steer');
      const segments = asked.filter((each) => each.endsWith('.m4s'));
      expect(segments.length).toBeGreaterThan(1);
      expect(segments.filter((each) => !each.startsWith('/b/'))).toEqual([]);
    },
  );
});
