import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addConfigOptions, loadConfig, mergeOptions } from '../../src/cli/config.js';
import { deviceClasses } from '../../src/cli/config/device-classes.js';
import { parseConfigFile } from '../../src/cli/config/file.js';
import { configFlags } from '../../src/cli/config/flags.js';
import { givenMarkers, readMarkersFile } from '../../src/cli/config/marker-entries.js';
import { readProfiles } from '../../src/cli/service/profiles.js';
import { titleOptions } from '../../src/cli/title-setup.js';
import { DEVICE_CLASSES, DEVICE_NAMES } from '../../src/title/index.js';

const SECTION = '/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=';
const HEX = Buffer.from(SECTION, 'base64').toString('hex');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-delivery-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function options(...args: string[]) {
  const command = addConfigOptions(new Command('x'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  return titleOptions(mergeOptions({}, configFlags(command.opts()))).delivery!;
}

describe('device classes', () => {
  it('are all five unless said', () => {
    expect(options().classes.map(({ name }) => name)).toEqual([...DEVICE_NAMES]);
    expect(options('--devices', 'web,tv-4k').classes).toEqual([
      { name: 'web', ...DEVICE_CLASSES.web },
      { name: 'tv-4k', ...DEVICE_CLASSES['tv-4k'] },
    ]);
    expect(options('--devices', 'none').classes).toEqual([]);
  });

  it('are changed, and added', () => {
    const { classes } = options(
      ...[
        '--device-class',
        'kiosk:like=legacy,maxHeight=480,audio=aac+opus,hdr=true,maxLevel=h264=4.0+av1=5.1,text=',
      ],
      ...['--device-class', 'web:maxBitrate=1000000', '--devices', 'kiosk,web'],
    );
    expect(classes).toEqual([
      {
        ...{
          ...DEVICE_CLASSES.legacy,
          name: 'kiosk',
          maxHeight: 480,
          audio: ['aac', 'opus'],
          hdr: true,
          text: [],
        },
        maxLevel: { h264: '4.0', av1: '5.1' },
      },
      { ...DEVICE_CLASSES.web, name: 'web', maxBitrate: 1_000_000 },
    ]);
    expect(deviceClasses(undefined, ['kiosk']).at(-1)).toEqual({ name: 'kiosk', ...DEVICE_CLASSES.web });
  });

  it.each([
    ['devices: { names: [tv] }', 'there is no class tv'],
    ['devices: { names: [web, web] }', 'a list without repeats'],
    ['devices: { names: [../x] }', 'a list without repeats'],
    ['devices: { classes: [{ name: web, maxHeight: 1 }] }', 'such as kiosk:like=web'],
    ['devices: { classes: ["web:maxheight=720"] }', 'such as kiosk:like=web'],
    ['devices: { classes: [web, web] }', 'web is described twice'],
    ['delivery: { steeringUrl: "https://s.example" }', 'needs delivery.baseUrls'],
    ['delivery: { baseUrls: ["a=https://x/", "a=https://y/"] }', 'two servers one id'],
    ['delivery: { baseUrls: ["a=https://me:secret@x/"] }', 'no user, password'],
    ['delivery: { baseUrls: ["a=https://x/?q=1"] }', 'no user, password'],
    ['delivery: { baseUrls: [{ id: "a b", url: "https://x/" }] }', 'no user, password'],
    ['delivery: { baseUrls: ["a=ftp://x/"] }', 'no user, password'],
    ['markers: { list: [intro] }', 'such as intro:00:00:30-00:01:15'],
    ['markers: { list: [outro:1-2] }', 'such as intro:00:00:30-00:01:15'],
    ['markers: { list: [{ kind: intro, start: 1, startFrame: 2 }] }', 'such as intro:00:00:30-00:01:15'],
    ['markers: { minConfidence: 2 }', 'from 0 to 1'],
  ])('and all else of delivery is checked: %s', (yaml, why) => {
    expect(() => mergeOptions(parseConfigFile(yaml, 'x.yaml'), {})).toThrow(why);
  });

  it('and servers are as documented', async () => {
    const docs = await readFile('docs/delivery.md', 'utf8');
    const examples = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);
    expect(examples).toHaveLength(2);
    for (const example of examples) titleOptions(mergeOptions(parseConfigFile(example, 'docs'), {}));
    for (const name of DEVICE_NAMES) {
      const { maxLevel, ...known } = DEVICE_CLASSES[name];
      const levels: Partial<Record<string, string>> = maxLevel;
      expect(
        new RegExp(`^\\| \`${name}\` .*$`, 'm')
          .exec(docs)?.[0]
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ).toEqual([
        ...[
          `\`${name}\``,
          String(known.maxHeight),
          String(known.maxBitrate / 1e6),
          String(known.maxFrameRate),
        ],
        ['h264', 'hevc', 'av1', 'vp9'].map((codec) => levels[codec] ?? 'none').join(', '),
        ...[
          known.hdr ? 'yes' : 'no',
          known.audio.join(', '),
          String(known.maxChannels),
          known.drm.join(', '),
        ],
        known.schemes.map((scheme) => `\`${scheme}\``).join(', '),
      ]);
    }
  });
});

describe('servers', () => {
  it('get a slash at their end', () => {
    const made = options(
      '--base-url',
      'a=https://a.example/t',
      '--base-url',
      'b=https://b/x,y/',
      '--steering-url',
      'https://s/?q=1',
    );
    expect([made.origins, made.steeringUrl]).toEqual([
      [
        { id: 'a', url: 'https://a.example/t/' },
        { id: 'b', url: 'https://b/x,y/' },
      ],
      'https://s/?q=1',
    ]);
  });
});

describe('markers', () => {
  it('are read from flags', () => {
    expect(
      options('--marker', 'intro:00:00:30.5-75', '--marker', 'adbreak:f240', '--detect-markers', 'off')
        .markers,
    ).toEqual({
      ...{ detect: false, minConfidence: 0.6 },
      given: [
        { kind: 'intro', start: { seconds: 30.5 }, end: { seconds: 75 } },
        { kind: 'adbreak', start: { frame: 240 } },
      ],
    });
    const scte35 = (text: string) => givenMarkers([{ kind: 'adbreak', start: 1, scte35: text }])[0]?.scte35;
    expect([SECTION, HEX, `0x${HEX.toUpperCase()}`].map(scte35)).toEqual(Array(3).fill({ out: HEX }));
  });

  it('are read from a sidecar, also from markers.json', async () => {
    const sidecar = join(folder, 'm.yaml');
    await writeFile(sidecar, '- { kind: recap, start: 0, end: "00:01:00" }\n');
    await writeFile(join(folder, 'hullcast.yaml'), 'markers: { sidecar: m.yaml, list: [intro:90-100] }\n');
    const config = await loadConfig({ cwd: folder, env: {} }, {});
    expect(titleOptions(config).delivery?.markers.given).toEqual([
      { kind: 'intro', start: { seconds: 90 }, end: { seconds: 100 } },
      { kind: 'recap', start: { seconds: 0 }, end: { seconds: 60 } },
    ]);
    const marker = {
      id: 'adbreak-1',
      kind: 'adbreak',
      startFrame: 5,
      endFrame: 5,
      startSeconds: 0.2,
      endSeconds: 0.2,
    };
    const more = { source: 'scte35', confidence: 1, scte35: { out: HEX, in: SECTION }, inManifests: true };
    const evidence = ['0.40 s black and silent'];
    const guess = { ...marker, source: 'detected', confidence: 0.55, evidence };
    const file = {
      ...{ schemaVersion: 1, frames: 9, fps: '24/1' },
      markers: [
        { ...marker, ...more },
        { ...guess, inManifests: false },
        { ...guess, inManifests: true },
      ],
    };
    await writeFile(sidecar, JSON.stringify(file));
    expect(givenMarkers(await readMarkersFile(sidecar))).toEqual([
      { kind: 'adbreak', start: { frame: 5 }, scte35: { out: HEX, in: HEX } },
      { kind: 'adbreak', start: { frame: 5 }, guess: { confidence: 0.55, evidence } },
      { kind: 'adbreak', start: { frame: 5 } },
    ]);
  });

  it.each([
    ['[', 'MARKERS_INVALID', 'neither YAML nor JSON'],
    ['- { kind: intro, start: 1, ends: 2 }', 'MARKERS_INVALID', 'no list of markers'],
    ['markers: 5', 'MARKERS_INVALID', 'no list of markers'],
    [undefined, 'MARKERS_UNREADABLE', 'cannot be read'],
  ])('of a file that is %j are refused', async (text, code, why) => {
    const path = join(folder, 'bad.yaml');
    await rm(path, { force: true });
    if (text !== undefined) await writeFile(path, text);
    const read = readMarkersFile(path);
    await expect(read).rejects.toMatchObject({ code, exitCode: 2 });
    await expect(read).rejects.toThrow(why);
  });

  it('and servers belong to one title, and to no profile', async () => {
    for (const yaml of ['markers: { list: [intro:1-2] }', 'delivery: { baseUrls: ["a=https://x/"] }']) {
      const config = mergeOptions(parseConfigFile(yaml, 'x'), {});
      await expect(readProfiles(config, undefined)).rejects.toMatchObject({ code: 'PROFILES_INVALID' });
    }
    const config = mergeOptions(parseConfigFile('devices: { names: [web] }', 'x'), {});
    expect(await readProfiles(config, undefined)).toMatchObject({
      default: { delivery: { classes: [{ name: 'web' }], origins: [] } },
    });
  });
});
