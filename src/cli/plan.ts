import { type LadderPlan, type TextPlan, type TitlePlan, planMaster } from '../title/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { Register } from './context.js';
import { teach } from './help.js';
import { codecName } from './codec-names.js';
import { titleFiles, titleOptions, withDisplay } from './title-setup.js';

export const registerPlan: Register = (program, host) => {
  const command = program
    .command('plan')
    .summary('show what encode would do and cost')
    .argument('<master>', 'video file')
    .description(
      'Shows what `encode` would do with a master and what it would cost, without encoding: its shots, the first ' +
        'probes (which are certain), and the ladder, number of encodes and CPU seconds to be expected of ordinary content.',
    )
    .action(
      host.action(async (context, [master = ''], flags) => {
        const config = await loadConfig(context, flags);
        const plan = await withDisplay(context, config, (setting) =>
          planMaster(titleFiles(master, config), titleOptions(config), setting),
        );
        if (context.json) context.out.json({ type: 'plan', ...plan });
        else context.out.result(planText(plan));
      }),
    );
  addConfigOptions(command);
  teach(
    command,
    [
      { command: 'hullcast plan master.mov', does: 'shots, probes, expected ladder and cost' },
      {
        command: 'hullcast plan master.mov --speed exhaustive',
        does: 'what measuring everything would take',
      },
    ],
    [0, 1, 2, 3, 130],
  );
};

/** A plan as a page of text. */
export function planText(plan: TitlePlan): string {
  const shots = plan.shots.map(
    ({ index, startFrame, endFrame, seconds }) =>
      `  ${String(index).padStart(4)}  frames ${startFrame}–${endFrame - 1}, ${seconds.toFixed(2)} s`,
  );
  return [
    `${plan.name}: ${plan.width}x${plan.height}, ${plan.fps} frames/s, ${plan.frames} frames, ${plan.durationSeconds.toFixed(2)} s`,
    ...plan.findings.map(({ severity, code, message }) => `  ${severity} ${code}: ${message}`),
    ...plan.texts.map(textLine),
    `${plan.shots.length} shots`,
    ...shots,
    ...plan.ladders.flatMap((ladder) => ladderText(ladder, plan.shots.length)),
    ...(plan.drm ? ['', drmText(plan.drm)] : []),
  ].join('\n');
}

function drmText(drm: NonNullable<TitlePlan['drm']>): string {
  const { scheme, systems, expectedKeys, clearLeadSeconds, keyPeriodSeconds } = drm;
  const keys = expectedKeys.length === 1 ? 'one key' : `keys for ${expectedKeys.join(', ')}`;
  const lead = clearLeadSeconds > 0 ? `; the first ${clearLeadSeconds} s in the clear` : '';
  const periods = keyPeriodSeconds === undefined ? '' : `, others every ${keyPeriodSeconds} s`;
  return `Encrypted: ${scheme}, for ${systems.join(', ')}, ${keys}${periods}${lead}`;
}

function textLine({ source, language, name, kind, forced, carried, ...text }: TextPlan): string {
  const traits = [
    language,
    ...(name === undefined ? [] : [name]),
    ...(kind === 'captions' ? ['SDH'] : []),
    ...(forced ? ['forced'] : []),
    ...(text.default ? ['default'] : []),
  ];
  return `  text ${source}: ${carried ? traits.join(', ') : 'left out, it is not read'}`;
}

function ladderText(ladder: LadderPlan, shots: number): string[] {
  const { probe, encode } = ladder.expectedCpuSeconds;
  const rungs = ladder.expectedRungs.map(
    ({ width, height, bitrate, vmaf }) =>
      `  ${`${width}x${height}`.padStart(9)} ${String(Math.round(bitrate / 1000)).padStart(6)} kbit/s   VMAF ${vmaf.toFixed(0)}`,
  );
  return [
    '',
    `${codecName(ladder.codec)}, preset ${ladder.preset}`,
    `Candidate resolutions: ${ladder.resolutions.map(({ width, height }) => `${width}x${height}`).join(', ')}`,
    `First round: ${ladder.probes.length} probes (${ladder.probes.length / shots} a shot)`,
    'Ladder of ordinary content of this shape:',
    ...rungs,
    `Expected: ${ladder.expectedEncodes} encodes, ${probe.toFixed(0)} CPU s of probes, ${encode.toFixed(0)} CPU s of further encodes`,
  ];
}
