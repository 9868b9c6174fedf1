import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addConfigOptions, loadConfig } from '../../src/cli/config.js';
import { parseTextEntry, textFileOf } from '../../src/cli/config/text-files.js';
import { readProfiles } from '../../src/cli/service/profiles.js';
import { titleFiles, titleOptions } from '../../src/cli/title-setup.js';
import { HullcastError } from '../../src/errors.js';
import { temporaryFolder } from '../support/cli.js';

describe('--text', () => {
  it.each([
    ['fr.srt', { file: 'fr.srt' }],
    ['fr.srt:lang=fr', { file: 'fr.srt', lang: 'fr' }],
    ['en.vtt:lang=en,sdh', { file: 'en.vtt', lang: 'en', sdh: true }],
    ['de.ttml:forced,lang=de,default', { file: 'de.ttml', forced: true, lang: 'de', default: true }],
    ['C:/a b/c:d.srt:lang=fr', { file: 'C:/a b/c:d.srt', lang: 'fr' }],
    ['a:b.srt', { file: 'a:b.srt' }],
    ['-x.srt:sdh', { file: '-x.srt', sdh: true }],
    ['x.scc:start=01:00:00:00,fps=29.97', { file: 'x.scc', start: '01:00:00:00', fps: '29.97' }],
    [
      'x.srt:name=Director: the cut,encoding=windows-1251',
      { file: 'x.srt', name: 'Director: the cut', encoding: 'windows-1251' },
    ],
    [':lang=fr', { file: ':lang=fr' }],
  ])('%s', (entry, read) => {
    expect(parseTextEntry(entry)).toEqual(read);
  });

  it.each([
    ['fr.srt:lang=fr,shd', 'has options that are none: shd'],
    ['fr.srt:sdh,', 'has options that are none: '],
    ['fr.srt:lang=French (France)', 'has values that are not allowed: lang'],
    ['fr.srt:encoding=klingon,fps=0', 'has values that are not allowed: encoding, fps'],
  ])('%s is refused', (entry, why) => {
    expect(() => parseTextEntry(entry)).toThrowError(
      expect.objectContaining({
        code: 'TEXT_OPTION',
        exitCode: 2,
        message: `${JSON.stringify(entry)} ${why}`,
      }) as Error,
    );
  });

  it('keeps any path to which options are added', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (path) => {
        expect(parseTextEntry(`${path}:lang=fr,sdh`)).toEqual({ file: path, lang: 'fr', sdh: true });
      }),
    );
  });

  it('says what the title is made with', () => {
    expect(textFileOf(parseTextEntry('x.scc:lang=en,sdh,name=SDH,start=3600,fps=23.976'))).toEqual({
      path: 'x.scc',
      labels: { language: 'en', kind: 'captions', forced: false, default: false, name: 'SDH' },
      hints: { start: '3600', fps: { num: 24_000, den: 1001 } },
    });
    expect(textFileOf({ file: 'x' })).toEqual({
      path: 'x',
      labels: { language: 'und', kind: 'subtitles', forced: false, default: false },
      hints: {},
    });
  });
});

describe('texts in the configuration', async () => {
  const folders = await temporaryFolder();
  const YAML =
    'text:\n  files:\n    - subs/fr.srt:lang=fr\n    - { file: "a:sdh", lang: de, forced: true, fps: 25 }\n  captionLanguages: [cc1=en, CC3=es]\n';
  async function load(yaml: string, argv: string[] = []) {
    const folder = await mkdtemp(join(folders, 'text-'));
    await writeFile(join(folder, 'hullcast.yaml'), yaml);
    const command = addConfigOptions(new Command().exitOverride()).action(() => undefined);
    await command.parseAsync(['--config', join(folder, 'hullcast.yaml'), ...argv], { from: 'user' });
    return { folder, config: await loadConfig({ cwd: '/work', env: {} }, command.opts()) };
  }

  it('are meant from where the file is, those of flags from where the command is called', async () => {
    const { folder, config } = await load(YAML);
    expect(titleFiles('m.mov', config).texts.map(({ path }) => path)).toEqual([
      join(folder, 'subs/fr.srt'),
      join(folder, 'a:sdh'),
    ]);
    expect(titleOptions(config).text).toEqual({
      embedded: 'all',
      captionLanguages: { CC1: 'en', CC3: 'es' },
    });
    const flags = [
      '--text',
      'en.vtt:lang=en,sdh',
      '--text',
      '/x/de.ttml:lang=de,forced',
      '--embedded-text',
      'none',
    ];
    const given = (await load(YAML, flags)).config;
    expect(
      titleFiles('m.mov', given).texts.map(({ path, labels }) => [
        path,
        labels.language,
        labels.kind,
        labels.forced,
      ]),
    ).toEqual([
      ['/work/en.vtt', 'en', 'captions', false],
      ['/x/de.ttml', 'de', 'subtitles', true],
    ]);
    expect(titleOptions(given).text?.embedded).toBe('none');
    expect(titleFiles('m.mov', (await load('')).config)).toEqual({ master: 'm.mov', texts: [] });
  });

  it.each([
    ['text: { files: [{ file: a.srt, language: fr }] }', 'language'],
    ['text: { files: [{ lang: fr }] }', '`text.files`'],
    ['text: { files: a.srt }', '`text.files`'],
    ['text: { captionLanguages: [cc5=en] }', '`text.captionLanguages`'],
    ['text: { embedded: some }', '`text.embedded`'],
  ])('that are wrong are named: %s', async (yaml, key) => {
    await expect(load(yaml)).rejects.toThrowError(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(key) as string,
      }) as Error,
    );
  });

  it('are not part of a profile', async () => {
    const { config } = await load(YAML);
    await expect(readProfiles(config, undefined)).rejects.toBeInstanceOf(HullcastError);
    await expect(readProfiles(config, undefined)).rejects.toMatchObject({ code: 'PROFILES_INVALID' });
    const plain = (await load('')).config;
    expect(await readProfiles(plain, undefined)).toEqual({ default: titleOptions(plain) });
  });
});
