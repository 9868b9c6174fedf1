import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Handler, Register } from '../../src/cli/context.js';
import { teach } from '../../src/cli/help.js';
import { HullcastError, badUsage, masterRejected } from '../../src/errors.js';
import { Broken, cli } from './terminal.js';

/** A command `work <thing>` that does what a test wants. */
function work(handler: Handler): readonly Register[] {
  return [
    (program, host) => {
      const command = program.command('work').argument('<thing>').option('--size <n>', 'how much');
      teach(command.action(host.action(handler)), [{ command: 'hullcast work x', does: 'works' }], [0, 4]);
    },
  ];
}
const nothing = work(() => Promise.resolve());
const failing = (error: Error): readonly Register[] => work(() => Promise.reject(error));

describe('a command line that is right', () => {
  it('ends with 0 when its work is done, and gets its arguments, flags and surroundings', async () => {
    const seen: unknown[] = [];
    const commands = work(({ json, verbose, cwd, env }, args, flags) => {
      seen.push(json, verbose, cwd, env['X'], args, flags['size']);
      return Promise.resolve();
    });
    const run = await cli(['--verbose', 'work', 'a b', '--size', '3', '--json'], {
      commands,
      cwd: '/x',
      env: { X: 'y' },
    });
    expect(run.code).toBe(0);
    expect(seen).toEqual([true, true, '/x', 'y', ['a b'], '3']);
  });

  it('keeps what was asked for and what is said meanwhile apart', async () => {
    const commands = work(({ out }) => {
      out.note('said');
      out.result('asked for');
      return Promise.resolve();
    });
    const { stdout, stderr } = await cli(['work', 'x'], { commands });
    expect([stdout.text, stderr.text]).toEqual(['asked for\n', 'said\n']);
  });
});

describe('help', () => {
  it('teaches: global options, examples and exit codes, on standard output, with exit code 0', async () => {
    const { code, stdout, stderr } = await cli(['work', '--help'], { commands: nothing });
    expect(code).toBe(0);
    expect(stderr.text).toBe('');
    expect(stdout.text).toContain('Usage: hullcast work [options] <thing>');
    expect(stdout.text).toContain('--verbose');
    expect(stdout.text).toContain('Examples:\n  $ hullcast work x   works\n');
    expect(stdout.text).toContain('  0    done and verified\n  4    a quality floor was missed\n');
  });

  it('prints the version of package.json', async () => {
    const { code, stdout } = await cli(['--version'], { commands: nothing });
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage', () => {
  it.each([
    [[], 'no command was given'],
    [['wrok', 'x'], "unknown command 'wrok'"],
    [['work'], "missing required argument 'thing'"],
    [['work', 'x', 'y'], "too many arguments for 'work'. Expected 1 argument but got 2."],
    [['work', 'x', '--sise', '3'], "unknown option '--sise'"],
    [['work', 'x', '--size'], "option '--size <n>' argument missing"],
  ])('%j ends with 2', async (argv, message) => {
    const { code, stdout, stderr } = await cli(argv, { commands: nothing });
    expect(code).toBe(2);
    expect(stdout.text).toBe('');
    expect(stderr.text.split('\n')[0]).toBe(`error USAGE: ${message}`);
    expect(stderr.text).toMatch(/\nhint: .+\n$/);
  });

  it('says what was probably meant', async () => {
    const { stderr } = await cli(['wrok', 'x'], { commands: nothing });
    expect(stderr.text).toContain('hint: Did you mean work?');
  });

  it('is told as JSON too', async () => {
    const { code, stdout } = await cli(['work', '--json', '--sise'], { commands: nothing });
    expect(code).toBe(2);
    expect(stdout.json()).toEqual([
      {
        type: 'error',
        code: 'USAGE',
        message: "unknown option '--sise'",
        hint: 'Did you mean --size?',
        exitCode: 2,
      },
    ]);
  });

  it('--json after -- is a name', async () => {
    const { stdout } = await cli(['work', 'x', '--', 'y', '--json'], { commands: nothing });
    expect(stdout.text).toBe('');
  });
});

describe('a command that fails', () => {
  it.each([
    [
      masterRejected('MASTER_EMPTY', 'a.mov is empty', 'Copy it again.'),
      3,
      'error MASTER_EMPTY: a.mov is empty\nhint: Copy it again.\n',
    ],
    [badUsage('CONFIG_INVALID', 'no'), 2, 'error CONFIG_INVALID: no\n'],
    [new HullcastError('FLOOR_MISSED', 'low', { exitCode: 4 }), 4, 'error FLOOR_MISSED: low\n'],
    [new HullcastError('DISK_FULL', 'full'), 1, 'error DISK_FULL: full\n'],
  ])('%s', async (error, exitCode, text) => {
    const { code, stderr, stdout } = await cli(['work', 'x'], { commands: failing(error) });
    expect(code).toBe(exitCode);
    expect(stderr.text).toBe(text);
    expect(stdout.text).toBe('');
  });

  it('with an error of no code is INTERNAL, without its stack', async () => {
    const { code, stderr } = await cli(['work', 'x'], { commands: failing(new TypeError('x is undefined')) });
    expect(code).toBe(1);
    expect(stderr.text).toContain('error INTERNAL: x is undefined\nhint: ');
    expect(stderr.text).not.toMatch(/\n {4}at /);
  });

  it('shows stack and causes with --verbose', async () => {
    const error = new HullcastError('A_CODE', 'outer', { cause: new RangeError('inner') });
    const { stderr } = await cli(['work', 'x', '--verbose'], { commands: failing(error) });
    expect(stderr.text).toMatch(/\n {4}at .*\n/);
    expect(stderr.text).toContain('caused by RangeError: inner');
  });

  it('with something that is no error', async () => {
    const { code, stderr } = await cli(['work', 'x'], { commands: failing('a text' as unknown as Error) });
    expect(code).toBe(1);
    expect(stderr.text).toContain('error INTERNAL: a text\n');
  });

  it('ends its JSON lines with the error', async () => {
    const commands = work(({ out }) => {
      out.json({ type: 'progress' });
      return Promise.reject(new HullcastError('A_CODE', 'why'));
    });
    const { stdout, stderr } = await cli(['work', 'x', '--json'], { commands });
    expect(stdout.json()).toEqual([
      { type: 'progress' },
      { type: 'error', code: 'A_CODE', message: 'why', hint: null, exitCode: 1 },
    ]);
    expect(stderr.text).toBe('error A_CODE: why\n');
  });
});

describe('signals', () => {
  const untilAborted: Handler = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s aborts the command, which then ends with %i', async (signal, exitCode) => {
    const signals = new EventEmitter();
    const running = cli(['work', 'x', '--json'], { commands: work(untilAborted), signals });
    setImmediate(() => signals.emit(signal));
    const { code, stderr, stdout, exits } = await running;
    expect(code).toBe(exitCode);
    expect(exits).toEqual([]);
    expect(stderr.text).toContain(`error CANCELLED: stopped by ${signal}\nhint: Run the same command again`);
    expect(stdout.json()).toMatchObject([{ type: 'error', code: 'CANCELLED', exitCode }]);
    expect(signals.listenerCount(signal)).toBe(0);
  });

  it('the second one leaves at once', async () => {
    const signals = new EventEmitter();
    let finish = (): void => undefined;
    const commands = work(() => new Promise((done) => (finish = done)));
    const running = cli(['work', 'x'], { commands, signals });
    setImmediate(() => {
      signals.emit('SIGINT');
      signals.emit('SIGTERM');
      finish();
    });
    const { exits, stderr } = await running;
    expect(exits).toEqual([143]);
    expect(stderr.text).toBe('stopping … (once more to leave at once)\n');
  });

  it('whatever is thrown after a signal is its consequence', async () => {
    const signals = new EventEmitter();
    const commands = work(async ({ signal }) => {
      await new Promise((done) => signal.addEventListener('abort', done));
      throw new HullcastError('PROCESS_FAILED', 'ffmpeg ended with exit code 255');
    });
    const running = cli(['work', 'x'], { commands, signals });
    setImmediate(() => signals.emit('SIGINT'));
    expect((await running).code).toBe(130);
  });

  it('a command that is done has not been stopped', async () => {
    const signals = new EventEmitter();
    const commands = work(
      ({ signal }) => new Promise((done) => signal.addEventListener('abort', () => done())),
    );
    const running = cli(['work', 'x'], { commands, signals });
    setImmediate(() => signals.emit('SIGINT'));
    expect((await running).code).toBe(0);
  });
});

describe('standard output that breaks', () => {
  const talkative: Handler = async ({ out, signal }) => {
    for (let i = 0; i < 20 && !signal.aborted; i++) {
      out.json({ i });
      await new Promise(setImmediate);
    }
    signal.throwIfAborted();
  };

  it('because its reader went away, does not stop the work', async () => {
    const { code, stderr } = await cli(['work', 'x'], {
      commands: work(talkative),
      stdout: new Broken('EPIPE'),
    });
    expect(code).toBe(0);
    expect(stderr.text).toBe('');
  });

  it('because the disk is full, does', async () => {
    const { code, stderr } = await cli(['work', 'x'], {
      commands: work(talkative),
      stdout: new Broken('ENOSPC'),
    });
    expect(code).toBe(1);
    expect(stderr.text).toBe('error OUTPUT_FAILED: cannot write output: write ENOSPC\n');
  });

  it('is no success even where the command does not notice', async () => {
    const deaf: Handler = async ({ out }) => {
      out.json({});
      await new Promise(setImmediate);
    };
    const { code } = await cli(['work', 'x'], { commands: work(deaf), stdout: new Broken('ENOSPC') });
    expect(code).toBe(1);
  });
});

describe('the log', () => {
  const logging: Handler = ({ log }) => {
    log.debug({ command: "ffmpeg -i 'a b'", n: 1, text: 'x y' }, 'process starts');
    log.warn('careful');
    return Promise.resolve();
  };

  it('says warnings only', async () => {
    expect((await cli(['work', 'x'], { commands: work(logging) })).stderr.text).toBe('warn careful\n');
  });

  it('says all with --verbose, commands as they can be pasted', async () => {
    const { stderr } = await cli(['work', 'x', '--verbose'], { commands: work(logging) });
    expect(stderr.text).toBe(`debug process starts n=1 text="x y"\n  $ ffmpeg -i 'a b'\nwarn careful\n`);
  });
});
