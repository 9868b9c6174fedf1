import { badUsage } from '../errors.js';

/** A rung that was asked for: shorter side in pixels (the best one without), and least VMAF or highest bit rate. */
export type RungSpec = { height?: number } & ({ vmaf: number } | { /** bit/s */ bitrate: number });

const FORM =
  'A rung is a height, @, and a VMAF or a bit rate: 1080p@vmaf=95, 720p@2500k, 720p@2.5M, or without height @vmaf=60.';

/** Shorter sides that a rung may have; SVT-AV1 takes none below. */
const HEIGHTS = { min: 64, max: 4320 };
/** Average bit rates that a rung may be asked for, bit/s. */
const BITRATES = { min: 10_000, max: 1_000_000_000 };
const UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6 };

const wrong = (message: string): Error => badUsage('RUNGS_INVALID', `encode.rungs: ${message}`, FORM);

function parseHeight(text: string, entry: string): number | undefined {
  if (text === '') return undefined;
  const digits = /^(\d+)p$/.exec(text)?.[1];
  if (digits === undefined) throw wrong(`\`${entry}\`: \`${text}\` is no height, which is pixels and a p`);
  const height = Number(digits);
  if (height < HEIGHTS.min || height > HEIGHTS.max || height % 2 !== 0) {
    throw wrong(`\`${entry}\`: a height is an even number from ${HEIGHTS.min} to ${HEIGHTS.max}`);
  }
  return height;
}

function parseGoal(text: string, entry: string): { vmaf: number } | { bitrate: number } {
  if (text === '') throw wrong(`\`${entry}\` has neither a VMAF nor a bit rate after the @`);
  const vmaf = /^vmaf=(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (vmaf !== undefined) {
    if (Number(vmaf) > 100) throw wrong(`\`${entry}\`: VMAF goes from 0 to 100`);
    return { vmaf: Number(vmaf) };
  }
  if (text.startsWith('vmaf')) throw wrong(`\`${entry}\`: \`${text}\` is not vmaf= and a number`);
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  if (number === undefined) throw wrong(`\`${entry}\`: \`${text}\` is neither a VMAF nor a bit rate`);
  const factor = UNITS[unit!];
  if (factor === undefined) {
    throw wrong(
      `\`${entry}\`: a bit rate ends with k or M (kbit/s, Mbit/s)${unit ? `, not with ${unit}` : ''}`,
    );
  }
  const bitrate = Math.round(Number(number) * factor);
  if (bitrate < BITRATES.min || bitrate > BITRATES.max) {
    throw wrong(`\`${entry}\`: a bit rate is from 10k to 1000M`);
  }
  return { bitrate };
}

function parseRung(entry: string): RungSpec {
  const [size = '', goal, ...more] = entry.trim().split('@');
  if (goal === undefined) throw wrong(`\`${entry}\` has no @`);
  if (more.length > 0) throw wrong(`\`${entry}\` has more than one @`);
  const height = parseHeight(size, entry);
  return { ...(height === undefined ? {} : { height }), ...parseGoal(goal, entry) };
}

/** A rung as it is written. */
export function rungText(spec: RungSpec): string {
  const size = spec.height === undefined ? '' : `${spec.height}p`;
  return `${size}@${'vmaf' in spec ? `vmaf=${spec.vmaf}` : `${spec.bitrate / 1000}k`}`;
}

/**
 * Reads rungs such as `1080p@vmaf=95`, `720p@2500k` or `@vmaf=60`. Throws RUNGS_INVALID, with the entry and what is wrong
 * with it, for another form, a value out of range and a rung that is there twice.
 */
export function parseRungs(entries: readonly string[]): RungSpec[] {
  const seen = new Map<string, string>();
  return entries.map((entry) => {
    const spec = parseRung(entry);
    const before = seen.get(rungText(spec));
    if (before !== undefined) {
      const spelling = before === entry ? '' : ` (as \`${before}\`)`;
      throw wrong(`\`${entry}\` is there twice${spelling}`);
    }
    seen.set(rungText(spec), entry);
    return spec;
  });
}

/** Largest height and bit rate of a rung, and where each comes from. */
export interface RungCaps {
  maxHeight?: number;
  maxBitrate?: number;
  resolutions?: readonly number[];
}

/** Throws RUNGS_INVALID for a rung that the other options do not allow. */
export function checkRungs(
  specs: readonly RungSpec[],
  { maxHeight, maxBitrate, resolutions }: RungCaps,
): void {
  for (const spec of specs) {
    const name = `\`${rungText(spec)}\``;
    const { height } = spec;
    if (height !== undefined && maxHeight !== undefined && height > maxHeight) {
      throw wrong(
        `${name} is higher than the ${maxHeight} pixels that encode.maxHeight or the device allows`,
      );
    }
    if (height !== undefined && resolutions && !resolutions.includes(height)) {
      throw wrong(`${name} is none of encode.resolutions (${resolutions.join(', ')})`);
    }
    if ('bitrate' in spec && maxBitrate !== undefined && spec.bitrate > maxBitrate) {
      throw wrong(`${name} is above the ${maxBitrate} bit/s that encode.maxBitrate or the device allows`);
    }
  }
}
