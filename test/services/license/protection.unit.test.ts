import { describe, expect, it } from 'vitest';
import { protectionOf, publishedTitleKeys } from '../../../src/services/license/protection.js';

const PROTECTION = {
  ...{ contentId: 'c', scheme: 'cbcs', systems: ['clearkey'] },
  keys: [{ keyId: 'a'.repeat(32), label: 'HD', renditions: ['v1'] }],
};
const FOUND = { ...PROTECTION, keys: [{ kid: 'a'.repeat(32), label: 'HD' }] };

describe('the protection in a report', () => {
  it('is found beside everything else, or is not there', () => {
    expect(protectionOf({ title: { name: 'x' }, protection: { ...PROTECTION, more: 1 } })).toEqual(FOUND);
    expect(protectionOf({ title: { name: 'x' } })).toBeUndefined();
    const [key] = PROTECTION.keys;
    const keys = [{ ...key, constantIv: 'b'.repeat(32) }];
    expect(protectionOf({ protection: { ...PROTECTION, keys } })?.keys).toEqual([
      { kid: 'a'.repeat(32), label: 'HD', iv: 'b'.repeat(32) },
    ]);
    const rotated = [0, 1].map((period) => ({ ...key, keyId: `${period}`.repeat(32), period }));
    expect(protectionOf({ protection: { ...PROTECTION, keys: rotated } })?.keys).toEqual([
      { kid: '0'.repeat(32), label: 'HD', period: 0 },
      { kid: '1'.repeat(32), label: 'HD', period: 1 },
    ]);
  });

  it.each([
    [{ keys: [] }],
    [{ keys: [{ keyId: 'A'.repeat(32), label: 'HD' }] }],
    [{ keys: [{ keyId: 'a'.repeat(32), label: 'XL' }] }],
    [{ systems: ['primetime'] }],
    [{ scheme: 'cens' }],
    [{ contentId: undefined }],
  ])('is no guess where it is not understood: %j', (change) => {
    expect(() => protectionOf({ protection: { ...PROTECTION, ...change } })).toThrow();
  });
});

it('is read from the store once, again when the title was published again, and not when it is gone', async () => {
  const objects = new Map<string, { text: string; modifiedMs: number }>();
  const reads: string[] = [];
  const titleKeys = publishedTitleKeys({
    stat: (key) => {
      const object = objects.get(key);
      return Promise.resolve(object && { key, bytes: object.text.length, modifiedMs: object.modifiedMs });
    },
    read: (key) => {
      reads.push(key);
      return Promise.resolve(Buffer.from(objects.get(key)!.text));
    },
  });
  const key = 'titles/film-1/report.json';
  const put = (protection: object | undefined, modifiedMs: number) =>
    objects.set(key, { text: JSON.stringify({ protection }), modifiedMs });
  expect(await titleKeys('film-1')).toBeUndefined();
  put(PROTECTION, 1000);
  expect(await titleKeys('film-1')).toEqual(FOUND);
  expect(await titleKeys('film-1')).toEqual(FOUND);
  expect(await titleKeys('film-2')).toBeUndefined();
  expect(reads).toEqual([key]);
  put({ ...PROTECTION, contentId: 'd' }, 2000);
  expect((await titleKeys('film-1'))?.contentId).toBe('d');
  put(undefined, 3000);
  expect(await titleKeys('film-1')).toBeUndefined();
  expect(await titleKeys('film-1')).toBeUndefined();
  expect(reads).toHaveLength(3);
  objects.delete(key);
  expect(await titleKeys('film-1')).toBeUndefined();
});
