import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { cli } from './terminal.js';

/** Commands that talk to a server; docs/remote.md is about them. */
const REMOTE = ['submit', 'list', 'watch', 'cancel', 'retry'];
/** Commands that run one; docs/cluster.md is about the first three. */
const SERVER = ['serve', 'worker', 'token', 'keys', 'license-token', 'gc', 'fsck'];
const LOCAL = ['encode', 'plan', 'score', 'check', 'verify', 'play', 'doctor'];
const NAMES = [...LOCAL.slice(0, -1), ...REMOTE, ...SERVER, 'doctor'];

/** With those that are commands of a command. */
const ALL = [
  ...NAMES,
  ...['token create', 'token list', 'token revoke'],
  ...['keys list', 'keys audit', 'keys rotate', 'keys new-master'],
];

async function help(...argv: string[]): Promise<string> {
  const { code, stdout } = await cli([...argv, '--help'], { commands: COMMANDS });
  expect(code).toBe(0);
  return stdout.text;
}

describe('the command line', () => {
  it('lists its commands', async () => {
    const text = await help();
    const section = text.slice(text.indexOf('Commands:'), text.indexOf('Examples:'));
    expect([...section.matchAll(/^ {2}([\w-]+)/gm)].map((match) => match[1])).toEqual(NAMES);
    for (const name of NAMES) expect(section).toMatch(new RegExp(`^  ${name} .*\\w`, 'm'));
  });

  it('every option of every command is explained', async () => {
    for (const name of ALL) {
      const text = await help(...name.split(' '));
      const options = [...text.matchAll(/^ {2}(--[\w-]+)(?: <\w+>)?(.*(?:\n {10,}.*)*)/gm)];
      expect(options.length).toBeGreaterThan(3);
      for (const [, option, description] of options)
        expect(description?.trim(), `${name} ${option}`).toMatch(/\w{3,}/);
    }
  });

  it.each(ALL)('%s teaches: what it does, examples that parse, exit codes', async (name) => {
    const text = await help(...name.split(' '));
    const [usage, description] = text.split('\n\n');
    expect(usage).toContain(`Usage: hullcast ${name}`);
    expect(description?.length).toBeGreaterThan(60);
    // No line of the help is broken in the middle by the terminal.
    for (const line of text.slice(0, text.indexOf('Examples:')).split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toMatch(/Exit codes:\n {2}0 /);
    const examples = [...text.matchAll(/^ {2}\$ (.*?) {3,}/gm)].map((match) => match[1]!);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      const words = example.replace(/^(\w+=\S+ )*hullcast /, '').split(' ');
      const { code, stderr } = await cli([...words, '--help'], { commands: COMMANDS });
      expect(code, stderr.text).toBe(0);
    }
  });

  it.each([
    [['encode', 'a.mov'], "required option '--out <folder>' not specified"],
    [
      ['encode', 'a.mov', '--out', 'x', '--preset', 'fastest'],
      "option '--preset <name>' argument 'fastest' is invalid",
    ],
    [
      ['encode', 'a.mov', '--out', 'x', '--score', '2'],
      'Allowed is auto, every, or an odd whole number from 1 to 99.',
    ],
    [['play', 'x', '--port', '99999'], 'Allowed is a whole number from 0 to 65535.'],
    [['score', 'a', 'b', '--threads', '0'], 'Allowed is a whole number from 1 to 256.'],
    [['score', 'a'], "missing required argument 'encode'"],
    [['check', 'a'], "required option '--baseline <report>' not specified"],
    [['check', '--baseline', 'a'], "missing required argument 'report'"],
    [['check', 'a', '--baseline', 'b', '--max-size', '2%'], 'Allowed is a number from 0 to 1000.'],
    [['check', 'a', '--baseline', 'b', '--max-bd-rate', '-1'], 'Allowed is a number from 0 to 1000.'],
    [['check', 'a', '--baseline', 'b', '--max-cost', '1001'], 'Allowed is a number from 0 to 1000.'],
    [['check', 'a', '--baseline', 'b', '--max-drop', 'nan'], 'Allowed is a number from 0 to 100.'],
    [['verify'], "missing required argument 'stream'"],
    [['verify', 'a', '--profile', 'cmaf,x'], 'Allowed is a list, each one of cmaf, apple, dash-if.'],
    [['verify', 'a', '--ignore', 'HLS-X'], 'There is no rule "HLS-X"'],
    [['doctor', 'x'], "too many arguments for 'doctor'"],
    [['token'], 'no command was given'],
    [['token', 'make', 'x'], "unknown command 'make'"],
    [['token', 'create'], "missing required argument 'name'"],
    [['token', 'create', ' '], 'Allowed are 1 to 200 characters.'],
    [['token', 'create', 'x', '--days', '0'], 'Allowed is a whole number from 1 to 3650.'],
    [
      ['token', 'create', 'x', '--scopes', 'read,write'],
      'Allowed is a list, each one of read, submit, admin.',
    ],
    [['token', 'create', 'x', '--scopes', ''], 'Allowed is a list, each one of read, submit, admin.'],
    [['token', 'revoke'], "missing required argument 'id'"],
    [['keys'], 'no command was given'],
    [['keys', 'show', 'x'], "unknown command 'show'"],
    [['keys', 'audit', '--kid', 'abc'], 'Allowed are 32 hexadecimal digits, or a UUID.'],
    [
      ['keys', 'audit', '--since', 'yesterday'],
      'Allowed is a number of days, hours or minutes (7d, 12h, 30m)',
    ],
    [['keys', 'rotate', 'all'], "too many arguments for 'rotate'"],
    [['license-token', '--device', 'x'], "missing required argument 'title'"],
    [['license-token', 'x', '--device', 'y', '--seconds', '4'], 'Allowed is a whole number from 5 to 86400.'],
    [['license-token', 'x', '--device', 'y', '--hdcp', '3'], "argument '3' is invalid"],
    [['submit'], "missing required argument 'master'"],
    [['submit', 'a', '--priority', '10'], 'Allowed is a whole number from 0 to 9.'],
    [['submit', 'a', '--meta', '=x'], 'Allowed is key=value.'],
    [['submit', 'a', '--idempotency-key', 'two words'], 'Allowed are 1 to 255 printable ASCII characters'],
    [['submit', 'a', '--token', 'x'], "unknown option '--token'"],
    [
      ['list', '--state', 'queued,odd'],
      'Allowed is one of queued, running, cancelling, done, failed, cancelled.',
    ],
    [['list', '--limit', '0'], 'Allowed is a whole number from 1 to 100000.'],
    [['watch'], "missing required argument 'id'"],
    [['cancel'], "missing required argument 'ids'"],
    [['retry', '--wait'], "missing required argument 'ids'"],
    [['gc', '--max-age', '-1'], 'Allowed is a number of days from 0 to 36500.'],
    [['gc', '--max-bytes', '5 GB'], 'Allowed is a number of bytes, with k, M, G or T behind it'],
    [['fsck', '--min-age', 'week'], 'Allowed is a number of days from 0 to 36500.'],
  ])('%j is refused', async (argv, message) => {
    const { code, stderr } = await cli(argv, { commands: COMMANDS });
    expect(code).toBe(2);
    expect(stderr.text).toContain('error USAGE: ');
    expect(stderr.text).toContain(message);
  });

  it('README names every command, and docs/remote.md and docs/cluster.md those that they are about', async () => {
    const readme = await readFile('README.md', 'utf8');
    for (const name of NAMES) expect(readme).toContain(`| \`hullcast ${name}`);
    const cluster = await readFile('docs/cluster.md', 'utf8');
    for (const name of ['serve', 'worker', 'token create']) expect(cluster).toContain(`hullcast ${name}`);
    const remote = await readFile('docs/remote.md', 'utf8');
    for (const name of REMOTE) expect(remote).toContain(`hullcast ${name}`);
  });
});
