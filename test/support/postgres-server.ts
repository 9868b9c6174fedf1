import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** A PostgreSQL server of its own on a free loopback port, with a random password and its files in a temporary folder. */
export interface PostgresServer {
  /** Of its database `hullcast`, with user and password. */
  readonly url: string;
  readonly port: number;
  /** Id of the process; undefined while it does not run. */
  readonly pid: number | undefined;
  /** Ends it where it runs, and removes its files. */
  stop(): Promise<void>;
  /** SIGKILL. What it had committed is there after restart(). */
  kill(): Promise<void>;
  /** Starts it again on its port and its files; ends it before where it runs. */
  restart(): Promise<void>;
  /** SIGSTOP of all its processes: connections stay open, and nothing is answered. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Runs statements as the user of `url`. */
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
}

export interface PostgresOptions {
  /** False leaves it stopped until restart(). */
  start?: boolean;
  /** More settings, e.g. `DateStyle=SQL`. */
  settings?: readonly string[];
}

const USER = 'hullcast';

/** Durability costs time, and only a crash of the machine could show that it is missing. */
const SETTINGS = [
  ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'full_page_writes=off'],
  ...['shared_buffers=16MB', 'max_connections=60', 'dynamic_shared_memory_type=mmap', 'max_wal_size=64MB'],
];

/** Ends the server with the process that started it, however that ends. */
const OUTLIVES_NOBODY = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'QUIT'] : [];

/** Starts PostgreSQL from PATH, or from where Debian keeps it; as its user `postgres` where the tests run as root. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-postgres-'));
  const account = unprivileged();
  if (account) await chown(folder, account.uid, account.gid);
  const password = randomBytes(18).toString('hex');
  await initialise(folder, password, account);
  for (let attempt = 1; ; attempt += 1) {
    const server = new Server(folder, await freePort(), password, options.settings ?? [], account);
    try {
      await server.restart();
      await server.create();
      if (options.start === false) await server.end('SIGINT');
      return server;
    } catch (error) {
      // Somebody else may have taken the port since it was found free.
      if (attempt < 3) continue;
      await server.stop();
      throw error;
    }
  }
}

interface Account {
  uid: number;
  gid: number;
}

/** The server refuses to run as root. */
function unprivileged(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  if (!line) throw new Error('the tests run as root, and there is no user `postgres` to run PostgreSQL');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

function program(name: string): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = folders.map((place) => join(place, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no ${name} for the database tests: apt-get install postgresql`);
  return found;
}

async function initialise(folder: string, password: string, account: Account | undefined): Promise<void> {
  const secret = join(folder, 'password');
  await writeFile(secret, password, { mode: 0o600 });
  if (account) await chown(secret, account.uid, account.gid);
  const flags = [
    '--no-sync',
    '--no-instructions',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--auth=scram-sha-256',
  ];
  const args = ['-D', join(folder, 'data'), `--username=${USER}`, `--pwfile=${secret}`, ...flags];
  const child = spawn(program('initdb'), args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...account,
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`initdb ended with ${String(code)}: ${stderr}`);
}

class Server implements PostgresServer {
  readonly url: string;
  private child: ChildProcess | undefined;
  private readonly leave = (): void => void this.child?.kill('SIGKILL');

  constructor(
    private readonly folder: string,
    readonly port: number,
    password: string,
    private readonly settings: readonly string[],
    private readonly account: Account | undefined,
  ) {
    this.url = `postgres://${USER}:${password}@127.0.0.1:${port}/hullcast`;
  }

  get pid(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  async restart(): Promise<void> {
    await this.end('SIGINT');
    // After a SIGKILL the server's own processes notice within moments; until then a new one does not start.
    for (let attempt = 1; ; attempt += 1) {
      const failure = await this.launch();
      if (!failure) return;
      if (attempt === 20) throw failure;
      await delay(100);
    }
  }

  async create(): Promise<void> {
    const client = new pg.Client(this.url.replace(/hullcast$/, 'postgres'));
    await client.connect();
    await client.query('CREATE DATABASE hullcast');
    await client.end();
  }

  async stop(): Promise<void> {
    await this.end('SIGQUIT');
    await rm(this.folder, { recursive: true, force: true });
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  pause(): Promise<void> {
    return this.signalAll('SIGSTOP');
  }

  resume(): Promise<void> {
    return this.signalAll('SIGCONT');
  }

  async query<R extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client(this.url);
    client.on('error', () => undefined); // it is that of the query, too
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async end(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    const child = this.child;
    if (!child || this.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await this.signalAll('SIGCONT'); // one that is paused ends only when it goes on
    child.kill(signal);
    await ended;
  }

  /** Gives why it does not run. */
  private async launch(): Promise<Error | undefined> {
    const settings = [...SETTINGS, `port=${this.port}`, ...this.settings].flatMap((one) => ['-c', one]);
    const [command, ...args] = [...OUTLIVES_NOBODY, program('postgres'), '-D', join(this.folder, 'data')];
    const child = spawn(command, [...args, ...settings], {
      ...{ cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'], ...this.account },
    });
    this.child = child;
    process.once('exit', this.leave);
    let log = '';
    child.stderr?.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-4000)));
    const ended = new Promise<Error>((resolve) => {
      child.once('error', resolve);
      child.once('exit', (code) => resolve(new Error(`postgres ended with ${code}: ${log}`)));
    });
    void ended.then(() => process.off('exit', this.leave));
    return Promise.race([ended, this.answers(child)]);
  }

  private async answers(child: ChildProcess): Promise<undefined> {
    while (child.exitCode === null && child.signalCode === null) {
      const client = new pg.Client(this.url.replace(/hullcast$/, 'postgres'));
      try {
        await client.connect();
        await client.end();
        return undefined;
      } catch {
        await delay(30); // it does not listen yet, or recovers
      }
    }
    return undefined;
  }

  /** The processes that serve connections are children of the one that was started. */
  private async signalAll(signal: NodeJS.Signals): Promise<void> {
    const parent = this.pid;
    if (parent === undefined) return;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    for (const pid of [String(parent), ...pids]) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''); // it has ended
      const own =
        pid === String(parent) || stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parent);
      if (own && stat !== '') process.kill(Number(pid), signal);
    }
  }
}

/** A port of the loopback interface that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
