import { type BoxNode, boxIn, fieldsOf } from './node.js';

const hex = (value: number, digits = 2): string => value.toString(16).padStart(digits, '0');
const decimal = (value: number): string => String(value).padStart(2, '0');

/** ISO/IEC 14496-15, annex E: profile, constraints and level of an AVC stream. */
function avc(format: string, entry: BoxNode): string | undefined {
  const config = fieldsOf(boxIn(entry.children, 'avcC'), 'avcC');
  if (!config) return undefined;
  const { AVCProfileIndication, profile_compatibility, AVCLevelIndication } = config;
  return `${format}.${[AVCProfileIndication, profile_compatibility, AVCLevelIndication].map((byte) => hex(byte)).join('')}`;
}

function reversedBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) if (value & (1 << bit)) reversed |= 1 << (31 - bit);
  return reversed >>> 0;
}

/** ISO/IEC 14496-15, annex E: of an HEVC stream. Constraint bytes of 0 at the end are left out. */
function hevc(format: string, entry: BoxNode): string | undefined {
  const config = fieldsOf(boxIn(entry.children, 'hvcC'), 'hvcC');
  if (!config) return undefined;
  const space = ['', 'A', 'B', 'C'][config.general_profile_space] ?? '';
  const constraints = [...config.general_constraint_indicator];
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    format,
    `${space}${config.general_profile_idc}`,
    reversedBits(config.general_profile_compatibility).toString(16),
    `${config.general_tier_flag === 0 ? 'L' : 'H'}${config.general_level_idc}`,
    ...constraints.map((byte) => byte.toString(16)),
  ].join('.');
}

/** AV1 codec ISO media file format binding, section 5, without the optional fields. */
function av1(entry: BoxNode): string | undefined {
  const config = fieldsOf(boxIn(entry.children, 'av1C'), 'av1C');
  if (config?.seq_profile === undefined) return undefined;
  const { seq_profile, seq_level_idx_0, seq_tier_0, high_bitdepth, twelve_bit } = config;
  const depth =
    seq_profile === 2 && high_bitdepth === 1 && twelve_bit === 1 ? 12 : high_bitdepth === 1 ? 10 : 8;
  return `av01.${seq_profile}.${decimal(seq_level_idx_0)}${seq_tier_0 === 0 ? 'M' : 'H'}.${decimal(depth)}`;
}

/** VP codec ISO media file format binding: codecs parameter string, without the optional fields. */
function vp(format: string, entry: BoxNode): string | undefined {
  const config = fieldsOf(boxIn(entry.children, 'vpcC'), 'vpcC');
  if (!config) return undefined;
  return [format, ...[config.profile, config.level, config.bitDepth].map(decimal)].join('.');
}

/** RFC 6381, 3.3: object type, and of MPEG-4 audio the audio object type. */
function mp4a(entry: BoxNode): string | undefined {
  const esd = fieldsOf(boxIn(entry.children, 'esds'), 'esds')?.esd;
  if (!esd) return undefined;
  const object = hex(esd.getOTI() as number);
  const audio = esd.getAudioConfig() as number | undefined;
  return `mp4a.${object}${audio === undefined ? '' : `.${audio}`}`;
}

/** Sample entries without a configuration in their codec string, and the box that holds theirs. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ...([
    ['ac-3', 'dac3'],
    ['ec-3', 'dec3'],
    ['ac-4', 'dac4'],
    ['Opus', 'dOps'],
    ['fLaC', 'dfLa'],
  ] as const),
]);

/** Boxes that a sample entry cannot do without, by format. */
export const CONFIGURATIONS: ReadonlyMap<string, string> = new Map([
  ...['avc1', 'avc3'].map((format): [string, string] => [format, 'avcC']),
  ...['hvc1', 'hev1'].map((format): [string, string] => [format, 'hvcC']),
  ...['vp08', 'vp09'].map((format): [string, string] => [format, 'vpcC']),
  ...([
    ['av01', 'av1C'],
    ['wvtt', 'vttC'],
    ['mp4a', 'esds'],
  ] as [string, string][]),
  ...PLAIN,
]);

/**
 * The codec string (RFC 6381) that a sample entry stands for; `format` is that before encryption. Undefined where its
 * configuration is missing or broken; formats that are not known are given as they are.
 */
export function codecString(format: string, entry: BoxNode): string | undefined {
  const configuration = CONFIGURATIONS.get(format);
  switch (configuration) {
    case 'avcC':
      return avc(format, entry);
    case 'hvcC':
      return hevc(format, entry);
    case 'vpcC':
      return vp(format, entry);
    case 'av1C':
      return av1(entry);
    case 'esds':
      return mp4a(entry);
    case undefined:
      return format;
    default:
      return boxIn(entry.children, configuration) && format;
  }
}
