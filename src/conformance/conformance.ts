import { HullcastError } from '../errors.js';
import type { Context } from './context.js';
import { type DashChecked, checkDash } from './dash/check.js';
import { Findings, type RuleFindings } from './findings.js';
import { type HlsChecked, checkHls } from './hls/check.js';
import type { Target } from './locate.js';
import { type ManifestBytes, readManifest } from './media/read-manifest.js';
import { MediaReader } from './media/reader.js';
import { Opener } from './media/opener.js';
import { Progress } from './progress.js';
import type { Profile } from './rules/rule.js';
import { isRefusal } from './source/source.js';

export interface ConformanceOptions {
  /** Profiles to apply besides those that the stream claims. */
  profiles?: readonly Profile[];
  /** Ids of rules whose findings are left out. */
  ignore?: readonly string[];
  signal: AbortSignal;
  /** Told what share is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

export interface Conformance {
  /** By rule, errors first. */
  findings: RuleFindings[];
  errors: number;
  warnings: number;
  /** Rules that were applied to something. */
  rules: number;
  /** Files that were opened. */
  files: number;
  /** What was read, by manifest: for further checks. */
  hls: HlsChecked[];
  dash: DashChecked[];
}

/** MPDs are XML; everything else is taken for a playlist. */
function isMpd({ url, bytes }: ManifestBytes): boolean {
  return /^(\uFEFF)?\s*</.test(bytes.toString('utf8', 0, 100)) || /\.mpd(\?|#|$)/i.test(url);
}

/** The manifest that was named. What it names may be missing; without itself there is nothing to check. */
async function readTop(url: string, opener: Opener): Promise<ManifestBytes> {
  const read = await readManifest(url, opener);
  if (!isRefusal(read)) return read;
  throw new HullcastError('VERIFY_UNREADABLE', `${opener.nameOf(url)} cannot be read: ${read.found}`, {
    hint: 'Check the path or the address, and that the server answers.',
  });
}

/** Checks a stream: every manifest, and all media that they name. Throws VERIFY_UNREADABLE, and where it is cancelled. */
export async function checkConformance(
  { source, manifests }: Target,
  { profiles = [], ignore = [], signal, onProgress = () => undefined }: ConformanceOptions,
): Promise<Conformance> {
  const opener = new Opener(source);
  const findings = new Findings(new Set(ignore));
  const forced = new Set(profiles);
  const progress = new Progress(manifests.length, onProgress);
  const reader = new MediaReader({ opener, findings, forced, signal, onSegment: () => progress.segment() });
  const context: Context = {
    ...{ opener, reader, findings, forced, signal, progress, checkedLists: new Set<string>() },
  };
  const result: Pick<Conformance, 'hls' | 'dash'> = { hls: [], dash: [] };
  for (const url of manifests) {
    const manifest = await readTop(url, opener);
    if (isMpd(manifest)) result.dash.push(await checkDash(manifest, context));
    else result.hls.push(await checkHls(manifest, context));
  }
  return {
    ...{ findings: findings.list(), errors: findings.count('error'), warnings: findings.count('warning') },
    ...{ rules: findings.rules, files: opener.files, ...result },
  };
}
