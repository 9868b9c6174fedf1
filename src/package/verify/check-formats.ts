import { checkConformance, filesSource, localUrl } from '../../conformance/index.js';
import type { StageContext } from '../../pipeline/index.js';
import { MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import type { Findings } from './findings.js';
import { dashListing, hlsListing, iframeListing, textListing } from './listing.js';
import type { PackageView } from './package-view.js';

/** What the manifests of a package list. */
export type Listings = Pick<PackageView, 'hls' | 'iframes' | 'texts' | 'dash' | 'dashSeconds'>;

/**
 * Holds a package against the rules of CMAF, HLS and DASH, and gives what its manifests list. `files` is where each file
 * lies, by its path in the package.
 */
export async function checkFormats(
  files: ReadonlyMap<string, string>,
  findings: Findings,
  { signal }: Pick<StageContext, 'signal'>,
): Promise<Listings> {
  const manifests = [MASTER_PLAYLIST, MANIFEST].filter((path) => {
    if (!files.has(path)) findings.add('manifest-missing', path, 'it is not in the package');
    return files.has(path);
  });
  const checked = await checkConformance(
    { source: filesSource(files), manifests: manifests.map(localUrl) },
    // What hullcast makes is meant to follow them, whatever a damaged package claims.
    { profiles: ['cmaf', 'apple'], signal },
  );
  findings.addRules(checked.findings);
  const [hls] = checked.hls;
  const [dash] = checked.dash;
  const type = dash?.mpd?.type;
  // A live presentation breaks no rule, but a title is none.
  if (type !== undefined && type !== 'static') findings.add('mpd-type', MANIFEST, `its type is ${type}`);
  return {
    hls: hlsListing(hls),
    iframes: iframeListing(hls),
    texts: textListing(hls),
    dash: dashListing(dash),
    dashSeconds: dash?.mpd?.duration,
  };
}
