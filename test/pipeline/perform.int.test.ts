import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import {
  ArtifactStore,
  type BlobRef,
  type PerformEnv,
  artifactKey,
  performStage,
} from '../../src/pipeline/index.js';
import { FileStore } from '../../src/storage/index.js';
import { TOOLS, alive, capturedLog, countedStage, until } from './support.js';

let root: string;
let store: FileStore;
let env: PerformEnv & { messages: string[] };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-perform-'));
  store = new FileStore(join(root, 'store'));
  const { log, messages } = capturedLog();
  env = {
    artifacts: new ArtifactStore(store, log),
    tools: TOOLS,
    scratch: join(root, 'scratch'),
    log,
    messages,
  };
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Text {
  text: string;
}

/** Writes the text to a file, keeps it, and gives its reference. */
const writer = () =>
  countedStage<Text, { blob: BlobRef; note: string | undefined }>('write', async ({ text }, context) => {
    const path = join(context.scratch, 'out');
    await writeFile(path, text);
    return { blob: await context.keep(path), note: undefined };
  });

/** Runs Node with a script, as a stage runs a tool. */
const runNode = (script: string) =>
  countedStage<Text, string>('node', async ({ text }, { run }) => {
    const result = await run({ file: process.execPath, args: ['-e', script, text], timeoutMs: 20_000 });
    return result.stdout.toString();
  });

const recordOf = (key: string): string => join(root, 'store', 'records', 'write', `${key}.json`);
const blobOf = (blob: BlobRef): string => join(root, 'store', 'blobs', blob.sha256.slice(0, 2), blob.sha256);

describe('performStage', () => {
  it('computes once, then gives the same from the store', async () => {
    const stage = writer();
    const first = await performStage(stage, { text: 'hello' }, env);
    const second = await performStage(stage, { text: 'hello' }, env);
    expect(stage.total()).toBe(1);
    expect(first.cached).toBe(false);
    expect(second).toEqual({ ...first, cached: true });
    expect(first.key).toBe(artifactKey(stage, TOOLS, { text: 'hello' }));
    const sha256 = createHash('sha256').update('hello').digest('hex');
    expect(first.result).toEqual({ blob: { sha256, bytes: 5 } }); // through JSON: no `note`
    expect(await readFile(await env.artifacts.path(first.result.blob), 'utf8')).toBe('hello');
  });

  it('leaves a record with everything, blobs under their digests, and no scratch', async () => {
    const { key, result, cost } = await performStage(writer(), { text: 'hello' }, env);
    const record: unknown = JSON.parse(await readFile(recordOf(key), 'utf8'));
    expect(record).toEqual({ key, stage: 'write', version: 1, result, blobs: [result.blob], cost });
    expect(await readFile(blobOf(result.blob), 'utf8')).toBe('hello');
    expect(await readdir(env.scratch)).toEqual([]);
  });

  it('keeps equal files once', async () => {
    const stage = writer();
    const { result } = await performStage(stage, { text: 'same' }, env);
    const before = await stat(blobOf(result.blob));
    await performStage({ ...stage, version: 2 }, { text: 'same' }, env);
    expect(stage.total()).toBe(2);
    const after = await stat(blobOf(result.blob));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  const damage: [string, (key: string, blob: BlobRef) => Promise<unknown>, string][] = [
    ['a record cut short', (key) => truncate(recordOf(key), 20), 'record is corrupt'],
    ['an empty record', (key) => truncate(recordOf(key), 0), 'record is corrupt'],
    ['a record of other work', (key) => writeFile(recordOf(key), '{"key":"x"}'), 'record is corrupt'],
    ['a missing blob', (_, blob) => rm(blobOf(blob)), 'blob is missing'],
    ['a blob cut short', (_, blob) => truncate(blobOf(blob), 1), 'blob is missing'],
  ];
  it.each(damage)('computes again after %s, with a warning', async (_, harm, message) => {
    const stage = writer();
    const first = await performStage(stage, { text: 'hello' }, env);
    await harm(first.key, first.result.blob);
    const again = await performStage(stage, { text: 'hello' }, env);
    expect(again).toMatchObject({ cached: false, key: first.key, result: first.result });
    expect(stage.total()).toBe(2);
    expect(env.messages).toEqual([expect.stringContaining(message)]);
    expect(await readFile(blobOf(first.result.blob), 'utf8')).toBe('hello');
    expect((await performStage(stage, { text: 'hello' }, env)).cached).toBe(true);
  });

  it('says which blob is missing', async () => {
    const { result } = await performStage(writer(), { text: 'hello' }, env);
    await rm(blobOf(result.blob));
    await expect(env.artifacts.path(result.blob)).rejects.toMatchObject({
      code: 'BLOB_MISSING',
      message: expect.stringContaining(result.blob.sha256) as string,
    });
  });

  it('copies a file that is not in its scratch folder, and leaves it where it is', async () => {
    const master = join(root, 'master.mov');
    await writeFile(master, 'precious');
    const stage = countedStage<null, BlobRef>('keep', (_, context) => context.keep(master));
    const { result } = await performStage(stage, null, env);
    expect(await readFile(master, 'utf8')).toBe('precious');
    expect(await readFile(blobOf(result), 'utf8')).toBe('precious');
    expect((await stat(blobOf(result))).ino).not.toBe((await stat(master)).ino);
  });

  it('shares one run between calls at the same time', async () => {
    const stage = writer();
    const all = await Promise.all([1, 2, 3, 4].map(() => performStage(stage, { text: 'shared' }, env)));
    expect(stage.total()).toBe(1);
    expect(all.filter((one) => !one.cached)).toHaveLength(1);
    expect(new Set(all.map((one) => one.result.blob.sha256)).size).toBe(1);
  });

  it('leaves neither record nor scratch when the stage fails, and runs again', async () => {
    let fail = true;
    const stage = countedStage<Text, string>('fails', async ({ text }, { scratch }) => {
      await writeFile(join(scratch, 'half'), text);
      if (fail) throw new HullcastError('BAD', 'bad input');
      return text;
    });
    await expect(performStage(stage, { text: 'x' }, env)).rejects.toMatchObject({ code: 'BAD' });
    expect(await readdir(env.scratch)).toEqual([]);
    fail = false;
    expect(await performStage(stage, { text: 'x' }, env)).toMatchObject({ result: 'x', cached: false });
  });

  it('refuses a result that is no JSON', async () => {
    const stage = countedStage<null, unknown>('nan', () => Promise.resolve({ vmaf: Number.NaN }));
    await expect(performStage(stage, null, env)).rejects.toMatchObject({ code: 'NOT_JSON' });
    await expect(performStage(stage, null, env)).rejects.toMatchObject({ code: 'NOT_JSON' });
    expect(stage.total()).toBe(2);
  });

  it('makes a full disk in the stage a transient DISK_FULL', async () => {
    const stage = countedStage<null, null>('full', () => writeFile('/dev/full', 'x').then(() => null));
    await expect(performStage(stage, null, env)).rejects.toMatchObject({
      code: 'DISK_FULL',
      transient: true,
    });
  });

  it('charges the CPU of the processes to the run, and says so again on a hit', async () => {
    const busy = 'while (process.cpuUsage().user < 2e5); process.stdout.write(process.argv[1])';
    const stage = runNode(busy);
    let told = 0;
    const onUsage = ({ cpuSeconds }: { cpuSeconds: number }): void => void (told += cpuSeconds);
    const first = await performStage(stage, { text: 'a' }, { ...env, onUsage });
    expect(first).toMatchObject({ result: 'a', cost: { processes: 1 } });
    expect(first.cost.cpuSeconds).toBeGreaterThanOrEqual(0.19);
    expect(first.cost.cpuSeconds).toBe(told);
    expect(first.cost.wallSeconds).toBeGreaterThanOrEqual(0.19);
    expect(await performStage(stage, { text: 'a' }, env)).toEqual({ ...first, cached: true });
  });

  it('ends its processes and removes its scratch when the signal aborts', async () => {
    const pidFile = join(root, 'pid');
    const stage = runNode(
      `require('fs').writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1e6)`,
    );
    const stop = new AbortController();
    const run = performStage(stage, { text: pidFile }, { ...env, signal: stop.signal });
    const pid = async (): Promise<number> => Number(await readFile(pidFile, 'utf8').catch(() => '0'));
    await until(async () => (await pid()) > 0);
    stop.abort(new HullcastError('CANCELLED', 'stopped'));
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(alive(await pid())).toBe(false);
    expect(await readdir(env.scratch)).toEqual([]);
  });

  it('does not mind that its scratch folder is there already', async () => {
    await mkdir(env.scratch, { recursive: true });
    expect((await performStage(writer(), { text: 'x' }, env)).cached).toBe(false);
  });
});
