import type { LicenseOutcome } from '../license/index.js';
import type { DrmSystem } from '../../keys/index.js';
import type { Instruments } from './instruments.js';

const SYSTEMS: readonly DrmSystem[] = ['clearkey', 'widevine', 'playready', 'fairplay'];
const OUTCOMES: readonly LicenseOutcome[] = [
  ...(['granted', 'token', 'replayed', 'refused', 'malformed', 'upstream', 'failed'] as const),
];

/** Counts asks for licences. */
export function licenseMetrics(make: Instruments): (system: DrmSystem, outcome: LicenseOutcome) => void {
  const licenses = make.counter('hullcast_licenses_total', 'Asks for a licence, by how they ended.', [
    'system',
    'outcome',
  ]);
  for (const system of SYSTEMS) for (const outcome of OUTCOMES) licenses.inc({ system, outcome }, 0);
  return (system, outcome) => licenses.inc({ system, outcome });
}
