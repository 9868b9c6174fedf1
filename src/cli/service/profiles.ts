import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { badUsage } from '../../errors.js';
import type { TitleOptions } from '../../title/index.js';
import { type Config, mergeOptions } from '../config.js';
import { parseConfigFile } from '../config/file.js';
import { titleOptions } from '../title-setup.js';

/** Name of the profile that the server's own configuration is. */
const DEFAULT = 'default';
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A profile is for many titles: it has neither texts, which belong to one, nor their keys. Throws PROFILES_INVALID. */
function profileOptions(name: string, config: Config): TitleOptions {
  if (config.text.files !== undefined) {
    throw badUsage(
      'PROFILES_INVALID',
      `the profile ${name} names text files (text.files)`,
      'Take them out: a profile is for many titles.',
    );
  }
  if (config.drm.contentId !== undefined) {
    throw badUsage(
      'PROFILES_INVALID',
      `profile ${name} sets drm.contentId: all its titles would have the same keys`,
      'Leave it out: every title has an id of its own, of its master and its external id.',
    );
  }
  const { markers, delivery } = config;
  const own = [
    ...(markers.list || markers.sidecar !== undefined ? ['markers.list or markers.sidecar'] : []),
    ...(delivery.baseUrls ? ['delivery.baseUrls'] : []),
  ];
  if (own.length > 0) {
    throw badUsage(
      'PROFILES_INVALID',
      `profile ${name} sets ${own.join(' and ')}, which are of one title`,
      'Leave them out: a profile is for many titles, each with a folder and moments of its own.',
    );
  }
  return titleOptions(config);
}

/**
 * Profiles of a server by name: `default` is its configuration; each `<name>.yaml` of the folder is another one, a
 * configuration of its own. Throws PROFILES_INVALID and CONFIG_INVALID.
 */
export async function readProfiles(
  config: Config,
  folder: string | undefined,
): Promise<Record<string, unknown>> {
  const profiles: Record<string, unknown> = { [DEFAULT]: profileOptions(DEFAULT, config) };
  if (folder === undefined) return profiles;
  const files = await readdir(folder).catch((cause: Error) => {
    throw badUsage(
      'PROFILES_INVALID',
      `the folder of profiles cannot be read: ${cause.message}`,
      'Check the path given with --profiles.',
    );
  });
  for (const file of files.filter((name) => name.endsWith('.yaml')).sort()) {
    const name = basename(file, '.yaml');
    if (!NAME.test(name)) {
      throw badUsage(
        'PROFILES_INVALID',
        `not the name of a profile: ${JSON.stringify(name)}`,
        'Name the file with lower-case letters, digits and hyphens, such as mobile.yaml.',
      );
    }
    const text = await readFile(join(folder, file), 'utf8');
    profiles[name] = profileOptions(name, mergeOptions(parseConfigFile(text, file), {}));
  }
  return profiles;
}
