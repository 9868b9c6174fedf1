import { describe, expect, it } from 'vitest';
import { serverUrl } from '../../../src/cli/remote/connect.js';
import {
  isS3,
  readMeta,
  readPriority,
  s3Source,
  submitRequest,
} from '../../../src/cli/remote/submit-request.js';
import { nextCommand, outcomeText, titleLine, titleTable } from '../../../src/cli/remote/title-text.js';
import { type ApiTitle, titleSchema } from '../../../src/services/api/index.js';

describe('the address of a server', () => {
  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://Host.example/', 'https://host.example'],
    ['https://host.example/hullcast//', 'https://host.example/hullcast'],
    ['http://[::1]:80/', 'http://[::1]'],
  ])('%s', (text, url) => expect(serverUrl(text)).toBe(url));

  it.each([
    ['host:8080'],
    ['ftp://host'],
    ['http://u:secret@host'],
    ['http://host/?a'],
    ['http://host/#a'],
    [''],
    ['/x'],
  ])('%j is refused, and not repeated', (text) => {
    expect(() => serverUrl(text)).toThrow(
      expect.objectContaining({ code: 'SERVER_URL', exitCode: 2 }) as Error,
    );
    expect(() => serverUrl(text)).not.toThrow(/secret/);
  });
});

describe('a submission', () => {
  it('says what was given, and leaves the rest to the server', () => {
    expect(submitRequest({ upload: 'u' }, {})).toEqual({ source: { upload: 'u' } });
    const flags = {
      ...{
        name: 'n',
        profile: 'p',
        priority: 9,
        externalId: 'x',
        meta: { a: 'b' },
        callbackUrl: 'https://c/',
      },
    };
    expect(submitRequest({ s3: 's3://b/k' }, { ...flags, watch: true, json: true })).toEqual({
      ...{ source: { s3: 's3://b/k' }, name: 'n', profile: 'p', priority: 9, externalId: 'x' },
      ...{ metadata: { a: 'b' }, callbackUrl: 'https://c/' },
    });
  });

  it.each([
    ['a name', { name: '' }, '--name: '],
    ['an external id', { externalId: 'x'.repeat(201) }, '--external-id: '],
    ['a key', { meta: { ['k'.repeat(65)]: 'v' } }, '--meta: '],
    ['a value', { meta: { k: 'v'.repeat(1025) } }, '--meta: '],
    ['a protocol', { callbackUrl: 'ftp://x/' }, '--callback-url: '],
    ['a URL', { callbackUrl: 'x' }, '--callback-url: '],
  ])('with %s that is none is refused before anything is uploaded', (_, flags, option) => {
    const submit = () => submitRequest({ upload: 'u' }, flags);
    expect(submit).toThrow(expect.objectContaining({ code: 'SUBMIT_INVALID', exitCode: 2 }) as Error);
    expect(submit).toThrow(option);
  });

  it('has metadata in pairs', () => {
    expect(readMeta('b=2=3', readMeta('a=1'))).toEqual({ a: '1', b: '2=3' });
    expect(readMeta('a=')).toEqual({ a: '' });
    expect(() => readMeta('a')).toThrow('key=value');
    expect(() => readMeta('=a')).toThrow('key=value');
  });

  it('has a priority of one digit', () => {
    expect(readPriority('0')).toBe(0);
    for (const text of ['10', '-1', '5.5', '', 'x']) expect(() => readPriority(text)).toThrow('from 0 to 9');
  });

  it('knows masters on S3', () => {
    expect(['s3://b/k', 'S3:x'].map(isS3)).toEqual([true, true]);
    expect(['s3', './s3:/x', 'a.mov'].map(isS3)).toEqual([false, false, false]);
    expect(s3Source('s3://bucket/a b/c?.mov')).toEqual({ s3: 's3://bucket/a b/c?.mov' });
    for (const text of ['s3:bucket/k', 's3://bucket', 's3://bucket/', 's3:///k', 'S3://bucket/k'])
      expect(() => s3Source(text), text).toThrow(expect.objectContaining({ code: 'OBJECT_URI' }) as Error);
  });
});

function title(more: Partial<ApiTitle>): ApiTitle {
  const at = '2026-01-02T03:04:05.678Z';
  return titleSchema.parse({
    ...{ id: '01J', name: 'clip.mov', state: 'queued', profile: 'default', priority: 5, attempt: 1 },
    ...{ createdAt: at, updatedAt: at, ...more },
  });
}

describe('titles as text', () => {
  it('are a table', () => {
    const error = { code: 'MASTER_NO_VIDEO', message: 'no picture' };
    const titles = [title({}), title({ id: '01JLONGER', state: 'failed', error, attempt: 2, priority: 9 })];
    expect(titleTable(titles).split('\n')).toEqual([
      'title      state                                priority  submitted         name',
      '01J        queued                                      5  2026-01-02 03:04  clip.mov',
      '01JLONGER  failed (MASTER_NO_VIDEO), attempt 2         9  2026-01-02 03:04  clip.mov',
    ]);
  });

  it('cannot do anything to the terminal', () => {
    const evil = title({ name: '\u001b[2Jx\r\ny\u202e', id: 'a\u001b]0;z\u0007', state: 'failed' });
    for (const text of [titleTable([evil]), titleLine(evil), outcomeText(evil, 'http://s')])
      expect(text).not.toMatch(/[\u001b\r\u0007\u202e]/);
  });

  it('tell what came out', () => {
    const result = {
      ...{ frames: 240, fps: '24/1', width: 1280, height: 720, findings: 1 },
      renditions: [
        ...[
          {
            id: 'r',
            codec: 'h264',
            width: 1280,
            height: 720,
            averageBitrate: 2_400_400,
            peakBitrate: 4e6,
            vmaf: 94.96,
          },
        ],
      ],
      cost: { wallSeconds: 61.2, cpuSeconds: 120.4, encodes: 12, cacheHits: 3 },
      manifests: ['master.m3u8', 'manifest.mpd'],
    };
    expect(outcomeText(title({ state: 'done', result }), 'http://s').split('\n')).toEqual([
      'clip.mov: 1 rung',
      '  H.264  1280x720   2400 kbit/s   VMAF 95.0',
      '12 encodes, 3 results from earlier, 120 CPU s, 61 s',
      '1 finding about the master: see the report',
      '',
      'Report    http://s/#/titles/01J',
      'Manifest  http://s/v1/titles/01J/files/master.m3u8',
      'Manifest  http://s/v1/titles/01J/files/manifest.mpd',
    ]);
  });

  it('say how to go on', () => {
    expect(nextCommand('watch', '01J', [])).toBe('npx hullcast watch 01J');
    expect(nextCommand('watch', "a'b", ['--server', 'http://s:1'])).toBe(
      `npx hullcast watch 'a'\\''b' --server http://s:1`,
    );
  });
});
