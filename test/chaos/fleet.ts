import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import type { ApiTitle, Overview } from '../../src/services/contract/index.js';
import { openS3 } from '../../src/storage/s3/index.js';
import { LEAN } from '../support/cli.js';
import { type Fault, type FaultProxy, type ProxiedRequest, startHttpProxy } from '../support/fault-proxy.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { type TestS3, s3Env, startS3 } from '../support/s3-server.js';
import { CpuMeter } from './cpu-meter.js';
import { type Program, startProgram } from './program.js';

/** How long the jobs of who says nothing stay its own. */
export const LOCK_SECONDS = 3;
export const WORKERS = 3;

interface Worker extends Program {
  /** CPU of its children before it took jobs, seconds. */
  startup: number;
}

/** A control plane and workers, as processes of the built command line, with servers of their own. */
export class Fleet {
  readonly meter = new CpuMeter();
  private readonly workers: Promise<Worker>[] = [];
  private control: Promise<Program> | undefined;
  /** Records of finished jobs that the store has taken, by URL, and how many it takes. */
  private readonly recorded = new Set<string>();
  private most = Infinity;
  private address = '127.0.0.1:0';
  private token = '';

  private constructor(
    readonly redis: RedisServer,
    readonly postgres: PostgresServer,
    readonly proxy: FaultProxy,
    private readonly s3: TestS3,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Fleet> {
    const folder = await mkdtemp(join(tmpdir(), 'hullcast-chaos-'));
    const [redis, postgres, s3] = await Promise.all([
      startRedis({ appendFsync: 'everysec' }), // it may lose jobs, as it may at users'
      startPostgres(),
      startS3(),
    ]);
    const proxy = await startHttpProxy({ port: Number(new URL(s3.endpoint).port) });
    const fleet = new Fleet(redis, postgres, proxy, s3, folder);
    proxy.decide((request) => fleet.decide(request));
    try {
      const scopes = ['token', 'create', 'chaos', '--scopes', 'submit,read,admin'];
      fleet.token = await fleet.run(scopes);
      await fleet.startControl();
      for (let i = 0; i < WORKERS; i += 1) fleet.startWorker(i);
      await Promise.all(fleet.workers);
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** Records of finished jobs that were put into the store so far. */
  records(): number {
    return this.recorded.size;
  }

  /** From now on the store answers 503 to whoever wants to put more records than that. */
  holdAt(records: number): void {
    this.most = records;
  }

  private decide({ method, url }: ProxiedRequest): Fault | undefined {
    if (method !== 'PUT' || !url.includes('/records/')) return undefined;
    const [record = ''] = url.split('?', 1);
    if (this.recorded.size >= this.most && !this.recorded.has(record)) return { status: 503 };
    this.recorded.add(record);
    return undefined;
  }

  async submit(master: string): Promise<string> {
    const { client } = openS3({ env: this.s3.env });
    const [Bucket, Key] = [this.s3.bucket, 'masters/chaos.mp4'];
    await client.send(new PutObjectCommand({ Bucket, Key, Body: await readFile(master) }));
    client.destroy();
    return this.run(['submit', `s3://${Bucket}/${Key}`]);
  }

  async startControl(): Promise<void> {
    const args = ['serve', '--listen', this.address, ...LEAN];
    this.control = startProgram(args, /hullcast serves http:\S+\d/, { env: this.env('control') });
    const { 1: address = '' } = /hullcast serves http:\/\/(\S+:\d+)/.exec((await this.control).log()) ?? [];
    this.address = address;
  }

  async killControl(): Promise<void> {
    const control = await this.control;
    control?.child.kill('SIGKILL');
    await control?.ended;
  }

  startWorker(i: number, options: { smallDisk?: boolean } = {}): void {
    const env = this.env(options.smallDisk ? 'full' : `worker-${i}`);
    const started = startProgram(['worker', '--concurrency', '1'], /the worker takes jobs/, {
      env,
      smallDisk: options.smallDisk ? env['HULLCAST_HOME'] : undefined,
    });
    const worker = started.then((program) => ({ ...program, startup: CpuMeter.ofChildren(program.pid) }));
    worker.catch(() => undefined); // who uses it next is told
    this.workers[i] = worker;
  }

  worker(i: number): Promise<Worker> {
    return this.workers[i]!;
  }

  /** SIGKILL of the program alone, as the kernel does it that has no memory left: its children become orphans. */
  async killWorker(i: number): Promise<void> {
    const { pid, startup, ended } = await this.worker(i);
    await this.meter.kill(pid, startup);
    await ended;
  }

  async api<T>(path: string): Promise<T> {
    const response = await fetch(`http://${this.address}/v1${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  title(id: string): Promise<ApiTitle> {
    return this.api<ApiTitle>(`/titles/${id}`);
  }

  overview(): Promise<Overview> {
    return this.api<Overview>('/overview');
  }

  /** The title once it has ended, however often the control plane is away meanwhile. */
  async ended(id: string, limitMs: number): Promise<ApiTitle> {
    const deadline = performance.now() + limitMs;
    let last: unknown;
    while (performance.now() < deadline) {
      const title = await this.title(id).catch((error: unknown) => ((last = error), undefined));
      if (title && ['done', 'failed', 'cancelled'].includes(title.state)) return title;
      last = title ?? last;
      await delay(200);
    }
    throw new Error(
      `title ${id} has not ended: ${JSON.stringify(last)} ${String(last)}\n${await this.logs()}`,
    );
  }

  /** SHA-256 of each published file that must not depend on when and how often it was made. */
  async published(id: string): Promise<Record<string, string>> {
    const { client } = openS3({ env: this.s3.env });
    const root = `store/titles/${id}/`;
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: this.s3.bucket, Prefix: root }),
    );
    const digests: Record<string, string> = {};
    for (const { Key = '' } of Contents) {
      if (/(^|\/)(report\.(json|html)|refs\.json)$/.test(Key)) continue; // they tell of time, and of the title's id
      const { Body } = await client.send(new GetObjectCommand({ Bucket: this.s3.bucket, Key }));
      const bytes = await Body!.transformToByteArray();
      digests[Key.slice(root.length)] = createHash('sha256').update(bytes).digest('hex');
    }
    client.destroy();
    return digests;
  }

  /** Ends everything. The meter then knows all CPU that was used. */
  async stop(): Promise<void> {
    this.proxy.set('pass');
    for (const worker of await Promise.allSettled(this.workers)) {
      if (worker.status === 'rejected' || worker.value.child.exitCode !== null) continue;
      const { child, pid, startup } = worker.value;
      if (child.signalCode === null) await this.meter.kill(pid, startup);
    }
    await this.killControl();
    await Promise.all([this.redis.stop(), this.postgres.stop(), this.proxy.stop()]);
    await this.s3.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async logs(): Promise<string> {
    const all = await Promise.allSettled([this.control, ...this.workers]);
    return all
      .map((one) => (one.status === 'fulfilled' ? one.value?.log().slice(-3000) : ''))
      .join('\n---\n');
  }

  private async run(args: readonly string[]): Promise<string> {
    const env = this.env('client');
    return (
      await execa(process.execPath, ['bin/hullcast.js', ...args], { env, timeout: 60_000 })
    ).stdout.trim();
  }

  private env(name: string): Record<string, string> {
    const home = join(this.folder, name);
    mkdirSync(home, { recursive: true });
    return {
      ...s3Env(this.proxy.endpoint),
      HULLCAST_HOME: home,
      HULLCAST_QUEUE: this.redis.url,
      HULLCAST_STORE: `s3://${this.s3.bucket}/store`,
      HULLCAST_MASTER_BUCKETS: this.s3.bucket,
      HULLCAST_DB: this.postgres.url,
      HULLCAST_LOCK_SECONDS: String(LOCK_SECONDS),
      HULLCAST_HEALTH_LISTEN: '127.0.0.1:0',
      HULLCAST_SERVER: `http://${this.address}`,
      ...(this.token === '' ? {} : { HULLCAST_TOKEN: this.token }),
    };
  }
}
