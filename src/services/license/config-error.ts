import { type HullcastError, badUsage } from '../../errors.js';

/** Something of the configuration of licences cannot be used. `why` must tell no secret. */
export function licenseConfig(why: string): HullcastError {
  return badUsage('LICENSE_CONFIG', why, 'The variables and files of licences are in docs/licenses.md.');
}
