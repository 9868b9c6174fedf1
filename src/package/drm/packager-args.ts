import type { Encryption } from '../types.js';
import type { Protection } from './protection.js';
import { PACKAGER_NAME } from './systems.js';

/** Named pipe that the packager reads its keys from: in an argument every user of the machine could read them. */
export const KEYS_PIPE = 'keys';

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Arguments that make Shaka Packager encrypt, with the keys from a named pipe. */
export function encryptionArgs({ scheme, systems, clearLeadSeconds, licenseUrls }: Encryption): string[] {
  const server = systems.includes('playready') ? licenseUrls?.playready : undefined;
  return [
    ...['--enable_raw_key_encryption', '--protection_scheme', scheme],
    ...['--protection_systems', systems.map((system) => PACKAGER_NAME[system]).join(',')],
    ...(server === undefined ? [] : ['--playready_extra_header_data', `<LA_URL>${escaped(server)}</LA_URL>`]),
    ...['--clear_lead', String(clearLeadSeconds), `--flagfile=${KEYS_PIPE}`],
  ];
}

/** What the packager reads there: every rendition has a label of its own, and under it a key and an IV. */
export function keysFlags({ renditions }: Protection, ids: readonly string[]): Buffer {
  const keys = ids.map((id) => {
    const { kid, key, iv } = renditions.get(id)!;
    return `label=${id}:key_id=${kid}:key=${key.reveal().toString('hex')}:iv=${iv}`;
  });
  return Buffer.from(`--keys=${keys.join(',')}\n`, 'latin1');
}
