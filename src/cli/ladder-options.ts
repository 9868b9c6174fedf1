import { badUsage } from '../errors.js';
import { type TitleOptions, checkRungs, deviceClass, parseLevels, parseRungs } from '../title/index.js';
import { CODECS, type Config } from './config/schema.js';

/** What a ladder may be made of. */
export type LadderLimits = Pick<TitleOptions, 'maxHeight' | 'resolutions' | 'rungs' | 'maxLevel'> & {
  /** bit/s */
  maxBitrate?: number;
};

/**
 * What the configuration says of it, with the limits of its device class where it says nothing itself. Throws
 * RUNGS_INVALID for rungs of another form, twice the same, or above the limits, and CONFIG_INVALID for levels of another
 * form and for a codec that the device does not play.
 */
export function ladderLimits(encode: Config['encode']): LadderLimits {
  const device = encode.device === undefined ? undefined : deviceClass(encode.device);
  const own = parseLevels(encode.maxLevel ?? [], CODECS);
  const maxLevel = { ...device?.maxLevel, ...own };
  const unplayed = device && encode.codecs.find((codec) => maxLevel[codec] === undefined);
  if (unplayed !== undefined) {
    throw badUsage(
      'CONFIG_INVALID',
      `encode.device ${encode.device} plays no ${unplayed}`,
      `Leave ${unplayed} out of encode.codecs, or give its level, e.g. with --max-level ${unplayed}=4.0.`,
    );
  }
  const maxHeight = encode.maxHeight ?? device?.maxHeight;
  const maxBitrate = encode.maxBitrate ?? device?.maxBitrate;
  const { resolutions } = encode;
  const limits = {
    ...(maxHeight === undefined ? {} : { maxHeight }),
    ...(maxBitrate === undefined ? {} : { maxBitrate }),
    ...(resolutions === undefined ? {} : { resolutions }),
    ...(Object.keys(maxLevel).length === 0 ? {} : { maxLevel }),
  };
  if (encode.rungs === undefined) return limits;
  const rungs = parseRungs(encode.rungs);
  checkRungs(rungs, limits);
  return { ...limits, rungs };
}
