import type { ChunkResult } from '../chunker/index.js';
import {
  type FoundRung,
  type Miss,
  type RungTarget,
  type SearchInput,
  meetsTarget,
} from '../encode/index.js';
import type { Finding } from '../ingest/index.js';
import { frameSeconds } from '../media/index.js';

const kbits = (bitrate: number): string => `${Math.round(bitrate / 1000)} kbit/s`;

function rungName({ codec }: SearchInput, { resolution, vmaf }: FoundRung): string {
  return `${codec} ${resolution.height}p at VMAF ${vmaf.toFixed(1)}`;
}

function targetName({ codec }: SearchInput, target: RungTarget): string {
  const size = target.resolution ? ` ${Math.min(target.resolution.width, target.resolution.height)}p` : '';
  return `${codec}${size} at ${'vmaf' in target ? `VMAF ${target.vmaf}` : kbits(target.bitrate)}`;
}

/** Chunks that ship although they miss the quality floor or have a segment above its limit. */
export function missFindings(
  input: SearchInput,
  rungs: readonly FoundRung[],
  misses: readonly Miss[],
  { shots }: Pick<ChunkResult, 'shots'>,
): Finding[] {
  const { floorDrop, peakRatio } = input.ladder;
  return misses.map((miss): Finding => {
    const { startFrame, endFrame } = shots[miss.position]!;
    const rung = rungs[miss.rung]!;
    const { shot, vmaf } = rung.chosen[miss.position]!;
    const limit = input.peakCaps
      ? `${peakRatio} times the rung's average bit rate, or above its level's`
      : `${peakRatio} times the rung's average bit rate`;
    const what =
      miss.kind === 'floor'
        ? `reaches only VMAF ${vmaf.toFixed(1)}, more than ${floorDrop} below the rung`
        : `has a segment above ${limit}`;
    const code = miss.kind === 'floor' ? 'quality-floor-missed' : 'peak-above-limit';
    const message = `rung ${rungName(input, rung)}: shot ${shot} ${what}`;
    return { code, severity: 'warning', startFrame, endFrame, message };
  });
}

/** Rungs that were asked for and do not ship, or not as asked, and rungs that no choice keeps below maxBitrate. */
export function rungFindings(input: SearchInput, rungs: readonly FoundRung[]): Finding[] {
  const frames = input.shots.reduce((sum, shot) => sum + shot.frames, 0);
  const rate = ({ bits }: FoundRung): number => bits / frameSeconds(frames, input.fps);
  const warning = (code: string, message: string): Finding => ({ code, severity: 'warning', message });
  const asked = (input.rungs ?? []).flatMap((target) => {
    const found = rungs.find((rung) => rung.target === target);
    const name = `rung ${targetName(input, target)}`;
    if (!found) return [warning('rung-left-out', `${name} is left out: a cheaper rung is as good`)];
    if (meetsTarget(input, target, found)) return [];
    const got = `VMAF ${found.vmaf.toFixed(1)} at ${kbits(rate(found))}`;
    return [warning('rung-missed', `${name}: the nearest that could be had is ${got}`)];
  });
  const { maxBitrate = Infinity } = input.ladder;
  const above = rungs.filter((rung) => !rung.target && rate(rung) > maxBitrate);
  return [
    ...asked,
    ...above.map((rung) =>
      warning(
        'bitrate-above-limit',
        `rung ${rungName(input, rung)} takes ${kbits(rate(rung))}, more than ${kbits(maxBitrate)}: nothing costs less`,
      ),
    ),
  ];
}
