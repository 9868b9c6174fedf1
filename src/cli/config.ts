import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { badUsage } from '../errors.js';
import { protectionConflict } from '../package/index.js';
import { parseConfigFile } from './config/file.js';
import { configFlags } from './config/flags.js';
import { deliveryConflict } from './config/delivery-sections.js';
import { deviceClasses } from './config/device-classes.js';
import { givenMarkers, readMarkersFile } from './config/marker-entries.js';
import { CONFIG, type Config, type ConfigInput } from './config/schema.js';
import { resolveTextFiles } from './config/text-files.js';
import type { CommandContext, Flags } from './context.js';
import { ladderLimits } from './ladder-options.js';

export { type FlagPath, PROFILE_FLAGS, addConfigOptions } from './config/flags.js';
export { type Config, type ConfigInput, subsampleOf } from './config/schema.js';
export { memoryOf, slotsOf } from './config/workers-section.js';

/** Name of the configuration that is used without being named. */
export const CONFIG_FILE = 'hullcast.yaml';

function overlay(under: ConfigInput, over: ConfigInput): ConfigInput {
  const merged: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const isSection = typeof value === 'object' && !Array.isArray(value);
    merged[name] = isSection ? overlay(merged[name] ?? {}, value as ConfigInput) : value;
  }
  return merged;
}

/** Complaints about values that are allowed each, but not together. */
function contradiction({ encode, chunk, drm, delivery }: Config): string | undefined {
  if (encode.minVmaf >= encode.targetVmaf) {
    return `encode.minVmaf (${encode.minVmaf}) must be less than encode.targetVmaf (${encode.targetVmaf})`;
  }
  if (chunk.maxSeconds < encode.segmentSeconds) {
    return `chunk.maxSeconds (${chunk.maxSeconds}) must not be less than encode.segmentSeconds (${encode.segmentSeconds})`;
  }
  const conflict = drm.systems && protectionConflict({ scheme: drm.scheme, systems: drm.systems });
  // Else a first period whose last segment begins within the lead would be seen when everything is encoded.
  if (drm.keyPeriodSeconds !== undefined && drm.clearLeadSeconds > drm.keyPeriodSeconds / 2)
    return `drm: a clear lead of ${drm.clearLeadSeconds} s in key periods of ${drm.keyPeriodSeconds} s; half of one is the most`;
  return conflict ? `drm: ${conflict}` : deliveryConflict(delivery);
}

/**
 * What a configuration file says, overridden by what flags say, with defaults for the rest. Pure. Throws CONFIG_INVALID
 * and RUNGS_INVALID where values contradict each other, and where entries of lists are not of their form.
 */
export function mergeOptions(file: ConfigInput, flags: ConfigInput): Config {
  const merged = CONFIG.parse(overlay(file, flags));
  const wrong = contradiction(merged);
  if (wrong !== undefined) {
    throw badUsage('CONFIG_INVALID', wrong, 'Change one of the two, in hullcast.yaml or by its flag.');
  }
  ladderLimits(merged.encode);
  checkDelivery(merged);
  return merged;
}

/** Refuses what is of the right form and means nothing. Throws CONFIG_INVALID and MARKERS_INVALID. */
function checkDelivery({ devices, markers }: Config): void {
  const names = devices.names === 'none' ? [] : devices.names;
  deviceClasses(names, devices.classes ?? []);
  givenMarkers(markers.list ?? []);
}

/** Takes the markers of the sidecar into the list. */
async function withSidecar(config: Config): Promise<Config> {
  const { sidecar, ...markers } = config.markers;
  if (sidecar === undefined) return config;
  const list = [...(markers.list ?? []), ...(await readMarkersFile(sidecar))];
  return { ...config, markers: { ...markers, list } as Config['markers'] };
}

async function readConfigFile(given: string | undefined, cwd: string): Promise<ConfigInput> {
  const path = resolve(cwd, given ?? CONFIG_FILE);
  if (given === undefined && !existsSync(path)) return {};
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code ?? cause.message})`;
    throw badUsage(
      'CONFIG_INVALID',
      `the configuration ${path} ${why}`,
      'Check the path given with --config.',
    );
  });
  const file = parseConfigFile(text, given ?? CONFIG_FILE);
  return resolved(file, dirname(path));
}

/** Relative paths in a file are meant from where the file is, not from where the command is called; in flags from there. */
function resolved(input: ConfigInput, folder: string): ConfigInput {
  const { home, text, markers } = input;
  return {
    ...input,
    ...(home === undefined ? {} : { home: resolve(folder, home) }),
    ...(markers?.sidecar === undefined
      ? {}
      : { markers: { ...markers, sidecar: resolve(folder, markers.sidecar) } }),
    ...(text?.files === undefined ? {} : { text: { ...text, files: resolveTextFiles(text.files, folder) } }),
  };
}

/**
 * The configuration of a command: flags, then HULLCAST_HOME, then hullcast.yaml (or --config), then defaults. `home` is
 * absolute, and so are the names of files. Throws CONFIG_INVALID, TEXT_OPTION and MARKERS_….
 */
export async function loadConfig(
  { cwd, env }: Pick<CommandContext, 'cwd' | 'env'>,
  flags: Flags,
): Promise<Config> {
  const file = await readConfigFile(flags['config'] as string | undefined, cwd);
  const home = env['HULLCAST_HOME'];
  const config = mergeOptions(home ? { ...file, home } : file, resolved(configFlags(flags), cwd));
  return withSidecar({ ...config, home: resolve(cwd, config.home) });
}
