import {
  type Codec,
  type Resolution,
  type RungTarget,
  type SearchInput,
  profileOf,
} from '../encode/index.js';
import { badUsage } from '../errors.js';
import type { Finding, NormalisedPicture } from '../ingest/index.js';
import type { Rational } from '../media/index.js';
import type { TitleOptions } from './options.js';
import { atHeight, candidateResolutions } from './resolutions.js';
import { rungText } from './rungs.js';

type Picture = Pick<NormalisedPicture, 'width' | 'height' | 'fps'>;

/** What the options allow a title's ladder in one codec to be made of. */
export interface Candidates extends Pick<SearchInput, 'rungs' | 'peakCaps'> {
  /** The largest first, never none. */
  resolutions: Resolution[];
  /** What was left out, and why. */
  findings: Finding[];
}

const shortSide = ({ width, height }: Resolution): number => Math.min(width, height);

/**
 * Candidate resolutions: those that rungs or `resolutions` name, else the classes within the picture; without those that
 * need a higher level than the codec may have. Throws RUNG_TOO_LARGE for a rung that the master or the level does not
 * allow, and NO_RESOLUTION where nothing is left.
 */
export function candidatesFor(codec: Codec, picture: Picture, options: TitleOptions): Candidates {
  const maxLevel = options.maxLevel?.[codec];
  const fits = (size: Resolution): boolean =>
    maxLevel === undefined || Number(profileOf(codec).limits(size, picture.fps).level) <= Number(maxLevel);
  const rungSizes = sizesOfRungs(codec, picture, options, fits);
  const named = namedResolutions(picture, options);
  const free = options.rungs?.every(({ height }) => height !== undefined) ? [] : named.resolutions;
  const all = [...rungSizes, ...free]
    .toSorted((a, b) => b.height - a.height)
    .filter((size, i, sizes) => size.height !== sizes[i - 1]?.height);
  const resolutions = all.filter(fits);
  const tooHigh = all.filter((size) => !fits(size));
  const findings = [
    ...named.findings,
    ...tooHigh.map((size) =>
      leftOut(size, `it needs more than ${codec} level ${maxLevel} at this frame rate`),
    ),
  ];
  if (resolutions.length === 0) {
    throw badUsage(
      'NO_RESOLUTION',
      `no resolution is left for ${codec}: the master has ${picture.width}x${picture.height}` +
        findings.map(({ message }) => `\n  ${message}`).join(''),
      'Allow a smaller resolution with --resolutions, or a higher level with --max-level or another --device.',
    );
  }
  const rungs = options.rungs?.map((spec): RungTarget => ({
    ...('vmaf' in spec ? { vmaf: spec.vmaf } : { bitrate: spec.bitrate }),
    ...(spec.height === undefined ? {} : { resolution: atHeight(picture, spec.height) }),
  }));
  return {
    resolutions,
    findings,
    ...(rungs ? { rungs } : {}),
    ...(maxLevel === undefined ? {} : { peakCaps: peakCaps(codec, resolutions, picture.fps) }),
  };
}

/** A segment is held to the level that its own size needs, which is what the stream says. */
function peakCaps(
  codec: Codec,
  resolutions: readonly Resolution[],
  fps: Rational,
): NonNullable<SearchInput['peakCaps']> {
  return resolutions.map((size) => ({
    height: size.height,
    bitrate: profileOf(codec).limits(size, fps).kbits * 1000,
  }));
}

function leftOut(size: Resolution, why: string): Finding {
  const message = `${size.width}x${size.height} is left out: ${why}`;
  return { code: 'resolution-left-out', severity: 'info', message };
}

function sizesOfRungs(
  codec: Codec,
  picture: Picture,
  { rungs = [], maxLevel }: TitleOptions,
  fits: (size: Resolution) => boolean,
): Resolution[] {
  return rungs.flatMap((spec) => {
    if (spec.height === undefined) return [];
    const refuse = (why: string, hint: string): Error =>
      badUsage('RUNG_TOO_LARGE', `rung \`${rungText(spec)}\` ${why}`, hint);
    if (spec.height > shortSide(picture)) {
      const size = `${picture.width}x${picture.height}`;
      throw refuse(`is larger than the master, which has ${size}`, `Ask for ${shortSide(picture)}p or less.`);
    }
    const size = atHeight(picture, spec.height);
    if (!fits(size)) {
      const level = `${codec} level ${maxLevel![codec]!}`;
      throw refuse(
        `needs more than ${level} at this frame rate`,
        'Ask for a smaller rung, or allow a higher level.',
      );
    }
    return [size];
  });
}

/** The resolutions of the options, else the classes within the picture. */
function namedResolutions(
  picture: Picture,
  { resolutions, maxHeight = Infinity }: TitleOptions,
): Pick<Candidates, 'resolutions' | 'findings'> {
  if (!resolutions) return { resolutions: candidateResolutions(picture, maxHeight), findings: [] };
  const most = Math.min(shortSide(picture), maxHeight);
  const why =
    most < shortSide(picture)
      ? `the largest height allowed is ${maxHeight}`
      : `the master has ${picture.width}x${picture.height}`;
  return {
    resolutions: resolutions.filter((height) => height <= most).map((height) => atHeight(picture, height)),
    findings: resolutions
      .filter((height) => height > most)
      .map((height) => leftOut(atHeight(picture, height), why)),
  };
}
