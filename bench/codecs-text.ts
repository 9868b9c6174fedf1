import { type SearchedLadder, compare, mean } from './figures.js';
import { type Cell, markdownTable } from './table.js';
import { multiple, signedPercent, withRange } from './wording.js';

/** What `codecs` measured of one item. */
export interface CodecsResult {
  item: string;
  title: string;
  preset: string;
  /** Ladders by codec; `h264` is what the others are compared with. */
  ladders: Record<string, SearchedLadder>;
}

export const ANCHOR = 'h264';
const BARS: Readonly<Record<string, string>> = { hevc: '−25%', av1: '−30%' };

/** BD-rate and CPU of every codec's ladder against that of H.264, for all items and in the mean. At least one result. */
export function codecsTable(results: readonly CodecsResult[]): string {
  const codecs = [...new Set(results.flatMap(({ ladders }) => Object.keys(ladders)))];
  const others = codecs.filter((codec) => codec !== ANCHOR);
  const figures = results.map(({ title, ladders }) => ({
    title,
    of: (codec: string) => {
      const [anchor, test] = [ladders[ANCHOR], ladders[codec]];
      if (!anchor || !test) return undefined;
      return { bd: compare(anchor.rungs, test.rungs), cpu: test.searchCpuSeconds / anchor.searchCpuSeconds };
    },
  }));
  const means = (codec: string): Cell[] => {
    const bd = mean(figures.map(({ of }) => of(codec)?.bd?.percent));
    const cpu = mean(figures.map(({ of }) => of(codec)?.cpu));
    return [bd === undefined ? 'n/a' : signedPercent(bd), multiple(cpu)];
  };
  return markdownTable(
    ['item', ...others.flatMap((codec) => [`${codec}, BD-rate`, `${codec}, search CPU`])],
    [
      ...figures.map(({ title, of }) => [
        title,
        ...others.flatMap((codec) => [withRange(of(codec)?.bd), multiple(of(codec)?.cpu)]),
      ]),
      [`**mean of ${results.length}**`, ...others.flatMap(means)],
      ['**bar**', ...others.flatMap((codec) => [BARS[codec] ?? '', ''])],
    ],
  );
}
