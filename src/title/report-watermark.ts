import type { ReportRendition } from '../report/index.js';
import type { TitleRendition } from './rendition.js';
import type { MarkedRendition } from './watermark.js';

const variant = ({ vmaf, bits, blob }: TitleRendition): NonNullable<ReportRendition['watermark']>['a'] => ({
  ...{ vmaf, bits, sha256: blob.sha256 },
});

/** What the report says of a rendition's marks; nothing where it has none. */
export function reportWatermark(
  id: string,
  marked: readonly MarkedRendition[] = [],
): Pick<ReportRendition, 'watermark'> {
  const own = marked.find(({ plain }) => plain.id === id);
  if (!own) return {};
  const { plain, variants, cpuSeconds } = own;
  const [a, b] = [variant(variants.a), variant(variants.b)];
  return {
    watermark: {
      unmarked: { vmaf: plain.vmaf, bits: plain.bits },
      ...{ a, b, vmafCost: plain.vmaf.mean - (a.vmaf.mean + b.vmaf.mean) / 2, cpuSeconds },
    },
  };
}
