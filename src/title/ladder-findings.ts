import { type FoundRung, type Measured, type SearchInput, isHeldByPeak } from '../encode/index.js';
import type { Finding } from '../ingest/index.js';

/**
 * What a person should know about a ladder that is not what was asked for, the best rung first:
 * `target-vmaf-missed` where the highest rung stays more than half a step below the target, `below-min-vmaf` for a rung
 * as far below the least VMAF, `single-rung` with the reason. None where the rungs were asked for one by one.
 */
export function ladderFindings(
  input: SearchInput,
  rungs: readonly FoundRung[],
  measured: readonly Measured[],
): Finding[] {
  const { topVmaf, bottomVmaf, stepVmaf } = input.ladder;
  const [top] = rungs;
  if (top === undefined || input.rungs) return [];
  const { best } = vmafRange(input, measured);
  const findings: Finding[] = [];
  if (top.vmaf < topVmaf - stepVmaf / 2) {
    const limits = [
      ...(input.ladder.maxBitrate === undefined ? [] : ['the bit rate']),
      ...(input.resolutions[0]!.height < input.referenceHeight ? ['the size'] : []),
      ...(isHeldByPeak(input, top) ? ["a segment's peak"] : []),
    ];
    const limit =
      limits.length === 0 ? '' : `; ${limits.join(' and ')} ${limits.length > 1 ? 'are' : 'is'} limited`;
    findings.push({
      code: 'target-vmaf-missed',
      severity: 'warning',
      message: `the highest ${input.codec} rung reaches VMAF ${top.vmaf.toFixed(1)}, not ${topVmaf}: the best encodes of all shots together reach ${best.toFixed(1)}${limit}`,
    });
  }
  for (const { resolution, vmaf } of rungs) {
    if (vmaf >= bottomVmaf - stepVmaf / 2) continue;
    const message = `rung ${input.codec} ${resolution.height}p reaches only VMAF ${vmaf.toFixed(1)}, less than the ${bottomVmaf} that rungs should have`;
    findings.push({ code: 'below-min-vmaf', severity: 'warning', message });
  }
  if (rungs.length === 1) {
    findings.push({ code: 'single-rung', severity: 'info', message: whySingle(input, top, measured) });
  }
  return findings;
}

/** VMAF of the title with every shot's worst and best encode. */
function vmafRange(input: SearchInput, measured: readonly Measured[]): { worst: number; best: number } {
  const frames = input.shots.reduce((sum, shot) => sum + shot.frames, 0);
  const scores = new Map<number, number[]>(input.shots.map(({ index }) => [index, []]));
  for (const { shot, vmaf } of measured) scores.get(shot)?.push(vmaf);
  const over = (pick: (...values: number[]) => number): number =>
    input.shots.reduce((sum, shot) => sum + pick(...scores.get(shot.index)!) * shot.frames, 0) / frames;
  return { worst: over(Math.min), best: over(Math.max) };
}

function whySingle(input: SearchInput, top: FoundRung, measured: readonly Measured[]): string {
  const { bottomVmaf, stepVmaf, stepRatio } = input.ladder;
  const { worst, best } = vmafRange(input, measured);
  if (best - worst < stepVmaf) {
    return `there is one ${input.codec} rung: at any bit rate that was tried the VMAF lies between ${worst.toFixed(1)} and ${best.toFixed(1)}, so another would look the same`;
  }
  if (top.vmaf - stepVmaf < bottomVmaf) {
    return `there is one ${input.codec} rung: the next one, ${stepVmaf} lower, would lie below VMAF ${bottomVmaf}`;
  }
  return `there is one ${input.codec} rung: nothing that was tried costs ${stepRatio} times less and still reaches VMAF ${bottomVmaf}`;
}
