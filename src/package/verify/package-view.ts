import type { Protection } from '../drm/protection.js';
import type { ReadBytes } from './disk.js';
import type { Findings } from './findings.js';
import type { DashPackage } from './read-dash.js';
import type { HlsPackage } from './read-hls.js';

/** What both manifests say of the package, and how to read its files. */
export interface PackageView {
  hls: HlsPackage;
  dash: DashPackage;
  read: ReadBytes;
  findings: Findings;
  /** Keys of a title that is to be encrypted. */
  protection?: Protection | undefined;
}
