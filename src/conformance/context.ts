import type { Findings } from './findings.js';
import type { MediaReader } from './media/reader.js';
import type { Opener } from './media/opener.js';
import type { Forced } from './profiles.js';
import type { Progress } from './progress.js';

/** What checking a manifest needs. */
export interface Context {
  opener: Opener;
  reader: MediaReader;
  findings: Findings;
  forced: Forced;
  signal: AbortSignal;
  progress: Progress;
  /** Lists of segments whose continuity was looked at. */
  checkedLists: Set<string>;
}
