import { bandwidthOf } from '../../packager/bandwidth.js';
import type { PackagedFile } from '../../types.js';
import type { Measured } from '../check-manifests.js';
import type { HlsText } from '../read-hls.js';

/** Bit rates of texts, by their playlists, from the sizes of their segments. Text adds no codec to a variant. */
export function measuredTexts(
  texts: readonly HlsText[],
  files: readonly PackagedFile[],
): [playlist: string, measured: Measured][] {
  const sizes = new Map(files.map(({ path, blob }) => [path, blob.bytes]));
  return texts.map(({ file, segments }) => {
    const bandwidth = bandwidthOf(
      segments.map(({ path, seconds }) => ({ bytes: sizes.get(path) ?? 0, seconds })),
    );
    return [file, { bandwidth, codec: '' }];
  });
}
