import { InvalidArgumentError } from 'commander';
import {
  type Conformance,
  type Profile,
  PROFILES,
  RULES,
  checkConformance,
  locate,
} from '../conformance/index.js';
import { EXIT, HullcastError, badUsage } from '../errors.js';
import type { CommandContext, Flags, Register } from './context.js';
import { createDisplay } from './display.js';
import { teach } from './help.js';
import { conformanceText, countsText, ruleText } from './verify/text.js';

/** What the display counts in: a check is one job, and this many parts of it. */
const PARTS = 1000;

function readProfiles(text: string): Profile[] {
  const names = text.split(',').map((name) => name.trim());
  const known = names.flatMap((name) => PROFILES.filter((profile) => profile === name));
  if (known.length < names.length) {
    throw new InvalidArgumentError(`Allowed is a list, each one of ${PROFILES.join(', ')}.`);
  }
  return known;
}

const IDS: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));

function readIgnored(text: string, before: readonly string[] = []): string[] {
  const ids = text.split(',').map((id) => id.trim());
  const unknown = ids.find((id) => !IDS.has(id));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`There is no rule "${unknown}": hullcast verify --rules lists them.`);
  }
  return [...before, ...ids];
}

/** Checks with a display of how far it is. */
async function checked(context: CommandContext, name: string, flags: Flags): Promise<Conformance> {
  const { signal, cwd } = context;
  const display = createDisplay(context);
  const tell = (state: 'started' | 'progress' | 'done', done: number): void =>
    display.event({ type: 'job', stage: 'conformance', job: 'conformance', state, done, total: PARTS });
  try {
    const target = await locate(name, cwd, signal);
    tell('started', 0);
    const result = await checkConformance(target, {
      profiles: (flags['profile'] as Profile[] | undefined) ?? [],
      ignore: (flags['ignore'] as string[] | undefined) ?? [],
      signal,
      onProgress: (share) => tell('progress', Math.floor(share * PARTS)),
    });
    tell('done', PARTS);
    return result;
  } finally {
    display.close();
  }
}

function listRules({ out, json }: CommandContext): void {
  for (const { id, severity, profile = null, reference, asks } of RULES) {
    if (json) out.json({ type: 'rule', id, severity, profile, asks, reference });
  }
  if (!json) out.result(RULES.map(ruleText).join('\n'));
}

function tellJson({ out }: CommandContext, target: string, result: Conformance, ok: boolean): void {
  const { findings, errors, warnings, rules, files } = result;
  for (const finding of findings.flatMap((one) => one.findings)) {
    out.json({ type: 'finding', ...finding, line: finding.line ?? null });
  }
  const counts = Object.fromEntries(findings.map(({ rule, count }) => [rule.id, count]));
  out.json({ type: 'verify', ok, target, rules, files, errors, warnings, counts });
}

async function verify(
  context: CommandContext,
  [name]: readonly (string | undefined)[],
  flags: Flags,
): Promise<void> {
  if (flags['rules'] === true) return listRules(context);
  if (name === undefined) {
    throw badUsage('USAGE', "missing required argument 'stream'", 'Name a folder, a manifest or a URL.');
  }
  const result = await checked(context, name, flags);
  const { errors, warnings } = result;
  const ok = errors === 0 && (warnings === 0 || flags['strict'] !== true);
  if (context.json) tellJson(context, name, result, ok);
  else context.out.result(conformanceText(result));
  if (ok) return;
  throw new HullcastError('VERIFY_FINDINGS', `the stream breaks rules: ${countsText(result)}`, {
    exitCode: EXIT.floorMissed,
    hint: 'docs/verify.md says what each rule asks for, and where that is written.',
  });
}

export const registerVerify: Register = (program, host) => {
  const command = program
    .command('verify')
    .summary('check a packaged title against CMAF, HLS and DASH')
    .description(
      'Reads the manifests, every initialisation segment and every media segment of a stream, and holds them against ' +
        "the rules of CMAF, RFC 8216, Apple's HLS authoring specification, MPEG-DASH and DASH-IF. Titles of any " +
        'packager are checked; rules of a profile are applied where the stream claims to follow it. Nothing is decoded.',
    )
    .argument('[stream]', 'a folder, an .mpd, a .m3u8, or the http or https URL of one')
    .option('--profile <names>', `rules to apply in any case: ${PROFILES.join(', ')}`, readProfiles)
    .option('--ignore <ids>', 'rules to leave out, by id; may be repeated', readIgnored)
    .option('--strict', 'warnings fail the check too')
    .option('--rules', 'list all rules, with what they ask for and where it is written')
    .action(host.action((context, args, flags) => verify(context, args, flags)));
  teach(
    command,
    [
      { command: 'hullcast verify title', does: 'the folder of a title' },
      { command: 'hullcast verify https://example.com/title/master.m3u8', does: 'a stream on a server' },
      { command: 'hullcast verify title --strict --profile cmaf,apple', does: 'whatever it claims' },
      { command: 'hullcast verify --rules', does: 'what is checked' },
    ],
    [0, 1, 2, 4, 130],
    {
      0: 'no rule is broken (warnings aside, without --strict)',
      1: 'a manifest cannot be read, or the check failed',
      4: 'rules are broken',
    },
  );
};
