import { HullcastError } from '../errors.js';
import { loadConfig, addConfigOptions } from './config.js';
import type { CommandContext, Flags, Register } from './context.js';
import { checkTable, checksOf } from './doctor/checks.js';
import { gatherFacts } from './doctor/facts.js';
import { teach } from './help.js';

async function doctor({ out, json, run, env, cwd }: CommandContext, flags: Flags): Promise<void> {
  const { home } = await loadConfig({ cwd, env }, flags);
  const checks = checksOf(await gatherFacts(run, env, home));
  const missing = checks.filter(({ state }) => state === 'missing');
  if (json) {
    for (const check of checks) out.json({ type: 'check', ...check });
    out.json({ type: 'doctor', ok: missing.length === 0, missing: missing.map(({ name }) => name) });
  } else {
    out.result(checkTable(checks));
    if (missing.length === 0) out.result('\nEverything that is needed is there.');
  }
  if (missing.length > 0) {
    throw new HullcastError('DOCTOR_MISSING', `missing: ${missing.map(({ name }) => name).join(', ')}`, {
      hint: [...new Set(missing.map(({ fix }) => fix))].join('; '),
    });
  }
}

export const registerDoctor: Register = (program, host) => {
  const command = program
    .command('doctor')
    .summary('check that everything is there that is needed')
    .description(
      'Looks for the tools (ffmpeg with libvmaf, ffprobe, Shaka Packager), asks ffmpeg for its encoders, filters and ' +
        'VMAF models, and looks at Node, cores and free disk. Shows where each was found, which ones were passed over ' +
        'and why, and how to get what is missing. Changes nothing.',
    )
    .action(host.action((context, _args, flags) => doctor(context, flags)));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast doctor', does: 'a table' },
      { command: 'hullcast doctor --json', does: 'a JSON line for each check' },
      { command: 'HULLCAST_FFMPEG=/opt/ffmpeg/bin/ffmpeg hullcast doctor', does: 'try another ffmpeg' },
    ],
    [0, 1, 2],
  );
};
