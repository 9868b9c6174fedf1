import { HullcastError } from '../../../errors.js';
import { MANIFEST, MASTER_PLAYLIST } from '../../packager/args.js';
import type { Device, ManifestTexts } from '../manifests.js';
import type { DeliveryPlan } from '../types.js';
import { checkMpd } from './dash.js';
import { type Expected, checkMaster, checkMedia } from './hls.js';

/**
 * Reads all delivered manifests with other parsers than those that wrote them, and holds them against the plan: every URI is in the
 * package, every class has its renditions and keeps its limits, markers are where they should be. Throws DELIVERY_UNSOUND.
 */
export function checkDelivered(
  plan: DeliveryPlan,
  devices: readonly Device[],
  before: ManifestTexts,
  written: ReadonlyMap<string, string>,
): void {
  const expected: Expected = { plan, paths: new Set(plan.files.map(({ path }) => path)) };
  const faults: string[] = [];
  const check = (path: string, of: (text: string) => string[]): void => {
    const text = written.get(path);
    if (text === undefined) return;
    try {
      faults.push(...of(text).map((fault) => `${path}: ${fault}`));
    } catch (error) {
      faults.push(`${path}: it cannot be parsed: ${String(error)}`);
    }
  };
  check(MASTER_PLAYLIST, (text) => checkMaster(text, expected));
  check(MANIFEST, (text) => checkMpd(text, expected));
  for (const device of devices) {
    check(device.hls, (text) => checkMaster(text, expected, device));
    check(device.dash, (text) => checkMpd(text, expected, device));
  }
  for (const [path, old] of before) {
    if (path !== MASTER_PLAYLIST && path.endsWith('.m3u8')) {
      check(path, (text) => checkMedia(path, text, old, expected));
    }
  }
  if (faults.length === 0) return;
  const list = faults.slice(0, 5).map((fault) => `\n  ${fault}`);
  throw new HullcastError('DELIVERY_UNSOUND', `manifests are not what they should be:${list.join('')}`, {
    hint: 'This is a defect of hullcast: please report it with the lines above.',
  });
}
