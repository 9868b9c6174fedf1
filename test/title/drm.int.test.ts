import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { mergeOptions } from '../../src/cli/config.js';
import type { ConfigInput } from '../../src/cli/config.js';
import { titleOptions } from '../../src/cli/title-setup.js';
import { type KeyLabel, keyIdOf } from '../../src/keys/index.js';
import { createRunner, findTools } from '../../src/media/index.js';
import type { JobEvent } from '../../src/pipeline/index.js';
import { parseReport } from '../../src/report/index.js';
import { type EncodedTitle, contentIdOf, encodeTitle, planMaster } from '../../src/title/index.js';
import { type MemoryKeys, memoryKeys } from '../support/keys.js';

let folder: string;
let master: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-drm-'));
  master = await makeClip('drm.mp4', [
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x180:rate=24:d=3',
      '-f',
      'lavfi',
      '-i',
      'sine=f=440:r=48000:d=3',
    ],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-threads', '1', '-c:a', 'aac'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const encode: ConfigInput['encode'] = {
  ...{ preset: 'ultrafast', speed: 'draft', resolutions: [180], rungs: ['180p@vmaf=60'] },
};
const logged: string[] = [];

async function setting(keys?: MemoryKeys, events: JobEvent[] = []) {
  const run = createRunner();
  return {
    ...{ tools: await findTools(run), home: join(folder, 'home'), hullcastVersion: '0' },
    keys: keys && (() => keys),
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    signal: new AbortController().signal,
    onEvent: (event: JobEvent) => void events.push(event),
  };
}

async function encoded(
  name: string,
  drm: ConfigInput['drm'],
  keys?: MemoryKeys,
): Promise<EncodedTitle & { events: JobEvent[] }> {
  const events: JobEvent[] = [];
  const options = titleOptions(mergeOptions({ encode, ...(drm ? { drm } : {}) }, {}));
  const title = await encodeTitle(
    { master, texts: [] },
    join(folder, name),
    options,
    await setting(keys, events),
  );
  return { ...title, events };
}

const keyFacts = (
  contentId: string,
  label: KeyLabel,
): { label: string; keyId: string; constantIv: string } => {
  const keyId = keyIdOf(contentId, label, 0);
  const iv = createHash('sha256').update(`["hullcast iv","cbcs","${keyId}"]`).digest('hex').slice(0, 32);
  return { label, keyId, constantIv: iv };
};

const computed = (events: readonly JobEvent[]): string[] => [
  ...new Set(
    events.filter(({ state, cached }) => state === 'done' && cached === false).map(({ stage }) => stage),
  ),
];

describe('a title that is to be encrypted', () => {
  const keys = memoryKeys({ name: 'keys of a test' });
  let title: EncodedTitle & { events: JobEvent[] };
  beforeAll(async () => {
    title = await encoded('one', { systems: ['widevine', 'clearkey'], keys: 'tiers' }, keys);
  });

  it('is encrypted with keys of its own, and its report says which', async () => {
    const report = parseReport(JSON.parse(await readFile(join(title.out, 'report.json'), 'utf8')));
    const contentId = contentIdOf({ masterSha256: report.master.sha256 });
    expect(contentId).toMatch(/^[0-9a-f]{32}$/);
    const [rendition] = report.renditions;
    expect(report.protection).toEqual({
      ...{ scheme: 'cbcs', systems: ['widevine', 'clearkey'], preset: 'tiers', clearLeadSeconds: 0 },
      ...{ contentId, keyService: 'keys of a test' },
      keys: [
        { ...keyFacts(contentId, 'SD'), renditions: [rendition!.id] },
        { ...keyFacts(contentId, 'AUDIO'), renditions: ['audio-und-stereo'] },
      ],
    });
    expect(rendition!.keyId).toBe(keyIdOf(contentId, 'SD', 0));
    expect(keys.requests.map(({ use }) => use)).toEqual([
      { purpose: 'package', subject: contentId },
      { purpose: 'verify', subject: contentId },
    ]);
    const page = await readFile(join(title.out, 'report.html'), 'utf8');
    expect(page).toContain(rendition!.keyId);
    expect(await readFile(join(title.out, 'master.m3u8'), 'utf8')).not.toContain('SESSION-KEY');
    expect(await readFile(join(title.out, 'video', rendition!.id, 'playlist.m3u8'), 'utf8')).toContain(
      '#EXT-X-KEY:',
    );
  });

  it('leaves its keys nowhere: not in what ships, not in the store or the queue, not in the log', async () => {
    const secrets = title.report.protection!.keys.map(({ keyId }) => Buffer.from(keys.keyOf(keyId), 'hex'));
    const forms = secrets.flatMap((secret) => [
      secret,
      ...(['hex', 'base64', 'base64url'] as const).map((encoding) => Buffer.from(secret.toString(encoding))),
    ]);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(50);
    for (const { parentPath, name } of files) {
      const content = await readFile(join(parentPath, name));
      for (const form of forms) expect(content.includes(form), `${parentPath}/${name}`).toBe(false);
    }
    expect(logged.some((line) => line.includes('--enable_raw_key_encryption'))).toBe(true);
    const log = Buffer.from(logged.join('').toLowerCase());
    for (const form of forms)
      expect(log.includes(form.toString('latin1').toLowerCase(), 0, 'latin1')).toBe(false);
  });

  it('is packaged anew, and nothing else, with other systems or the keys of another service', async () => {
    const again = await encoded('again', { systems: ['widevine', 'clearkey'] }, keys);
    expect(computed(again.events)).toEqual([]);
    const other = await encoded('other', { systems: ['fairplay'] }, keys);
    expect(computed(other.events)).toEqual(['package', 'verify', 'deliver']);
    expect(other.report.protection!.keys).toEqual(again.report.protection!.keys);
    const service = await encoded(
      'service',
      { systems: ['widevine', 'clearkey'] },
      memoryKeys({ name: 'other', seed: 'x' }),
    );
    expect(computed(service.events)).toEqual(['package', 'verify', 'deliver']);
    const clear = await encoded('clear', undefined, keys);
    expect(computed(clear.events)).toEqual(['package', 'verify', 'deliver']);
    expect(clear.report.protection).toBeUndefined();
  });

  it('has the content id that it is given', async () => {
    const named = await encoded(
      'named',
      { systems: ['clearkey'], keys: 'single', contentId: 'film-7' },
      keys,
    );
    expect(named.report.protection).toMatchObject({
      contentId: 'film-7',
      keys: [{ label: 'ALL', keyId: keyIdOf('film-7', 'ALL', 0) }],
    });
  });

  it('is refused at once where there is no key service', async () => {
    const events: JobEvent[] = [];
    const options = titleOptions(mergeOptions({ encode, drm: { systems: ['widevine'] } }, {}));
    await expect(
      encodeTitle({ master, texts: [] }, join(folder, 'none'), options, await setting(undefined, events)),
    ).rejects.toMatchObject({ code: 'DRM_KEY_SERVICE', exitCode: 2 });
    expect(events.filter(({ stage }) => stage !== 'store')).toEqual([]);
  });

  it('can be planned without one', async () => {
    const options = titleOptions(mergeOptions({ encode, drm: { systems: ['widevine'] } }, {}));
    const plan = await planMaster({ master, texts: [] }, options, await setting());
    expect(plan.drm).toMatchObject({ systems: ['widevine'], scheme: 'cbcs', expectedKeys: ['SD', 'AUDIO'] });
  });

  it('that fails where its key service does, is resumed where it was', async () => {
    const down = memoryKeys({ name: 'down' });
    down.obtain = () => Promise.reject(new Error('away'));
    const drm: ConfigInput['drm'] = { systems: ['widevine'] };
    await expect(encoded('down', drm, down)).rejects.toThrow(/away/);
    const later = await encoded('down', drm, memoryKeys({ name: 'down' }));
    expect(computed(later.events)).toEqual(['package', 'verify', 'deliver']);
  });
});

describe('a content id', () => {
  const masterSha256 = 'ab'.repeat(32);

  it('follows from the master and from who submitted it as what', () => {
    const ids = [
      contentIdOf({ masterSha256 }),
      contentIdOf({ masterSha256, externalId: 'a' }),
      contentIdOf({ masterSha256, externalId: 'b' }),
      contentIdOf({ masterSha256: 'cd'.repeat(32), externalId: 'a' }),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(contentIdOf({ masterSha256, externalId: 'a', keyService: 'any' })).toBe(ids[1]);
  });
});
