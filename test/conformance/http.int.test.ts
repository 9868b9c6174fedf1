import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24 } from '../../fixtures/renditions.js';
import { type Conformance, checkConformance, locate } from '../../src/conformance/index.js';
import { LIMITS } from '../../src/conformance/limits.js';
import { type TestStage, stageContext } from '../support/stage.js';
import type { Files } from './memory.js';
import { type Behaviour, type StreamServer, serveFiles } from './server.js';
import { ourPackage } from './our-package.js';
import { ffmpegHlsSingle, shakaPackage } from './streams.js';

let stage: TestStage;
let ours: Files;
const servers: StreamServer[] = [];

beforeAll(async () => {
  stage = await stageContext();
  ours = await ourPackage(stage, TITLE_24, 'stereo');
});
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
afterAll(() => stage.cleanUp());

async function serve(files = ours, ranges = true): Promise<StreamServer> {
  const server = await serveFiles(files, ranges);
  servers.push(server);
  return server;
}

async function check(url: string, signal = new AbortController().signal): Promise<Conformance> {
  return checkConformance(await locate(url, '/', signal), { signal });
}

/** Findings as `RULE file: found`. */
async function found(url: string): Promise<string[]> {
  const { findings } = await check(url);
  return findings.flatMap((one) =>
    one.findings.map(({ rule, file, found: what }) => `${rule} ${file}: ${what}`),
  );
}

const SEGMENT = 'video/h264-90/2.m4s';
const redirect =
  (location: string): Behaviour =>
  (_, response) =>
    response.writeHead(302, { location }).end();

describe('streams on a server', () => {
  it('are read as those in a folder, a few requests at a time', async () => {
    const server = await serve();
    const result = await check(`${server.url}master.m3u8`);
    expect(result.findings).toEqual([]);
    expect(await found(`${server.url}manifest.mpd`)).toEqual([]);
    expect(server.asked).toContain(SEGMENT);
    expect(server.busiest()).toBeGreaterThan(1);
    expect(server.busiest()).toBeLessThanOrEqual(LIMITS.parallel);
  });

  it('by ranges of single files', async () => {
    const [hls, both] = [
      await serve(await ffmpegHlsSingle()),
      await serve(await shakaPackage({ single: true })),
    ];
    expect(await found(`${hls.url}master.m3u8`)).toEqual([]);
    expect(await found(`${both.url}master.m3u8`)).toEqual([]);
    expect(await found(`${both.url}manifest.mpd`)).toEqual([]);
  });

  it('by whole files, where a server knows no ranges', async () => {
    const files = await shakaPackage({ single: true });
    const server = await serve(files, false);
    expect(await found(`${server.url}manifest.mpd`)).toEqual([]);
    // Ranges of what has come are not asked for again.
    for (const path of files.keys()) {
      expect(server.asked.filter((asked) => asked === path).length).toBeLessThanOrEqual(3);
    }
  });

  it('queries are sent, and not told', async () => {
    const server = await serve();
    const master = ours.get('master.m3u8')!.toString('utf8');
    const files = new Map(ours).set(
      'master.m3u8',
      Buffer.from(master.replaceAll('.m3u8', '.m3u8?token=secret')),
    );
    const other = await serve(files);
    server.behaviours.set('master.m3u8', redirect(`${other.url}master.m3u8?token=secret`));
    other.behaviours.set('video/h264-90/playlist.m3u8', (_, response) => response.writeHead(403).end());
    const texts = await found(`${server.url}master.m3u8?token=secret`);
    expect(texts).toEqual([`SOURCE-MISSING ${other.url}video/h264-90/playlist.m3u8: status 403`]);
    expect(server.asked[0]).toBe('master.m3u8?token=secret');
    expect(other.asked).toContain('video/h264-180/playlist.m3u8?token=secret');
  });
});

describe('servers that do not give what they should', () => {
  it('redirect to where references start from then', async () => {
    const [first, second] = [await serve(new Map()), await serve()];
    first.behaviours.set('title', redirect('/elsewhere'));
    first.behaviours.set('elsewhere', redirect(`${second.url}manifest.mpd`));
    expect(await found(`${first.url}title`)).toEqual([]);
  });

  it('redirect in a circle, or to a file', async () => {
    const server = await serve();
    server.behaviours.set(SEGMENT, redirect(`/${SEGMENT}`));
    server.behaviours.set('video/h264-180/2.m4s', redirect('file:///etc/passwd'));
    expect(await found(`${server.url}manifest.mpd`)).toEqual([
      `SOURCE-MISSING ${SEGMENT}: more than 5 redirects`,
      'SOURCE-OUTSIDE video/h264-180/2.m4s: a URL of file:',
    ]);
    expect(server.asked.filter((path) => path === SEGMENT)).toHaveLength(LIMITS.redirects + 1);
  });

  it('fail now and then, or for good', async () => {
    const server = await serve();
    let left = 2;
    server.behaviours.set('video/h264-180/2.m4s', (_, response) => {
      left -= 1;
      if (left === 0) server.behaviours.delete('video/h264-180/2.m4s');
      response.writeHead(503).end();
    });
    server.behaviours.set(SEGMENT, (_, response) => response.writeHead(500).end());
    expect(await found(`${server.url}manifest.mpd`)).toEqual([`SOURCE-MISSING ${SEGMENT}: status 500`]);
    expect(server.asked.filter((path) => path === SEGMENT)).toHaveLength(3);
  });

  it('give another range, or do not say which', async () => {
    const server = await serve();
    server.behaviours.set(SEGMENT, (_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 5-9/10' }).end('12345'),
    );
    server.behaviours.set('video/h264-180/2.m4s', (_, response) => response.writeHead(206).end('12345'));
    expect(await found(`${server.url}manifest.mpd`)).toEqual([
      'SOURCE-MISSING video/h264-180/2.m4s: a partial answer, not of what was asked for',
      `SOURCE-MISSING ${SEGMENT}: a partial answer, not of what was asked for`,
    ]);
  });

  it('send without end', async () => {
    const server = await serve();
    const endless: Behaviour = (_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, '#\n')));
      };
      response.on('drain', more);
      more();
    };
    server.behaviours.set('video/h264-90/playlist.m3u8', endless);
    expect(await found(`${server.url}master.m3u8`)).toEqual([
      `SOURCE-LIMIT video/h264-90/playlist.m3u8: more than ${LIMITS.wholeBytes} bytes from a server without ranges`,
    ]);
    server.behaviours.set('manifest.mpd', endless);
    await expect(check(`${server.url}manifest.mpd`)).rejects.toMatchObject({ code: 'VERIFY_UNREADABLE' });
  });

  it('give no answer at all: they are not asked a thousand times', async () => {
    const [server, dead] = [await serve(), await serve(new Map())];
    const mpd = ours.get('manifest.mpd')!.toString('utf8');
    const silent: Files = new Map(ours).set(
      'manifest.mpd',
      Buffer.from(mpd.replace('<Period', `<BaseURL>${dead.url}</BaseURL><Period`)),
    );
    server.behaviours.set('manifest.mpd', (_, response) => response.end(silent.get('manifest.mpd')));
    for (const path of ours.keys()) dead.behaviours.set(path, (request) => request.socket.destroy());
    const texts = await found(`${server.url}manifest.mpd`);
    expect(texts.every((text) => text.startsWith('SOURCE-MISSING'))).toBe(true);
    expect(texts.join()).toContain(`${LIMITS.unanswered} requests in a row had no answer`);
    expect(dead.asked.length).toBeLessThanOrEqual(LIMITS.unanswered + LIMITS.parallel);
  });

  it('the manifest itself must be there', async () => {
    const server = await serve();
    await expect(check(`${server.url}none.mpd`)).rejects.toMatchObject({
      code: 'VERIFY_UNREADABLE',
      message: 'none.mpd cannot be read: status 404',
    });
  });
});

it('ends when it is cancelled', async () => {
  const server = await serve();
  const controller = new AbortController();
  server.behaviours.set(SEGMENT, () => controller.abort(new Error('stopped')));
  await expect(check(`${server.url}manifest.mpd`, controller.signal)).rejects.toThrow('stopped');
});

describe('locate', () => {
  it.each([
    ['ftp://example.com/a.mpd', 'ftp is no protocol that streams are read by'],
    ['file:///etc/passwd', 'file is no protocol that streams are read by'],
    ['http://', 'http:// cannot be checked'],
    ['https://me:secret@example.com/a.mpd', 'a URL with a password in it cannot be checked'],
  ])('refuses %s', async (name, message) => {
    await expect(locate(name, '/', new AbortController().signal)).rejects.toMatchObject({
      ...{ code: 'VERIFY_URL', exitCode: 2, message },
    });
  });
});
