import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, timeLimitMs } from '../../src/media/index.js';

/** Splits a line as a POSIX shell does, for words that are plain, in single quotes, or escaped by a backslash. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === "'") {
      const end = line.indexOf("'", i + 1);
      word = (word ?? '') + line.slice(i + 1, end);
      i = end;
    } else if (c === '\\') {
      word = (word ?? '') + line[++i]!;
    } else if (c === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  return word === undefined ? words : [...words, word];
}

describe('commandLine', () => {
  it.each([
    [['-i', 'file:/a/b.mp4'], 'ffmpeg -i file:/a/b.mp4'],
    [['a b'], "ffmpeg 'a b'"],
    [["it's"], "ffmpeg 'it'\\''s'"],
    [[''], "ffmpeg ''"],
    [['$HOME', '*', '`id`', '"x"'], "ffmpeg '$HOME' '*' '`id`' '\"x\"'"],
    [['-vf', 'scale=1:2,fps=24/1'], 'ffmpeg -vf scale=1:2,fps=24/1'],
  ])('%j', (args, line) => {
    expect(commandLine('ffmpeg', args)).toBe(line);
  });

  it('is split by a shell into the words it was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' })), (args) => {
        expect(shellWords(commandLine('ffmpeg', args))).toEqual(['ffmpeg', ...args]);
      }),
    );
  });

  it('leaves nothing that a shell would act on outside quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (arg) => {
        // As a shell reads it, from the left: an escaped quote, or all up to the closing one.
        const outside = commandLine('x', [arg]).replaceAll(/\\'|'[^']*'/g, '');
        expect(outside).not.toMatch(/[$`"*?~;&|<>()[\]{}\\!#\n]/);
      }),
    );
  });
});

describe('timeLimitMs', () => {
  it('follows from the frames', () => {
    expect(timeLimitMs(0)).toBe(120_000);
    expect(timeLimitMs(100)).toBe(620_000);
  });
});
