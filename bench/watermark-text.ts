import type { Detection } from '../src/watermark/index.js';
import type { markdownTable } from './table.js';
import { signedPercent } from './wording.js';

export interface CopyResult {
  name: string;
  found: Detection['found'];
  doubt: number;
  /** Segments that said something, and how many of them point to the session's variant. */
  segments: number;
  right: number;
  /** True where the session was found, and no other. */
  own: boolean;
}

interface Encode {
  vmaf: number;
  bits: number;
  cpuSeconds: number;
}

/** What was measured of a title at one crf. */
export interface WatermarkResult {
  crf: number;
  encodes: { plain?: Encode; a: Encode; b: Encode };
  copies: CopyResult[];
  /** How often something was found in what a copy without marks says, once its segments were exchanged at random. */
  rearranged?: { tries: number; found: number };
}

const WORDS: Record<Detection['found'], string> = {
  session: 'a session',
  title: 'the title as published',
  marked: 'marked, not for whom',
  none: 'nothing',
};

function foundText({ found, own }: CopyResult): string {
  if (found !== 'session') return WORDS[found];
  return own ? 'the session' : 'ANOTHER SESSION';
}

const doubtText = ({ found, doubt }: CopyResult): string =>
  found === 'none' ? '–' : doubt < 1e-30 ? 'below 1e-30' : doubt.toExponential(0);

/** The section of docs/benchmarks.md. */
export function watermarkText(results: readonly WatermarkResult[], table: typeof markdownTable): string {
  const cost = table(
    ['crf', 'encode', 'VMAF', 'VMAF lost', 'bits', 'CPU of the encode'],
    [
      ...results.flatMap(({ crf, encodes }) =>
        (['plain', 'a', 'b'] as const).flatMap((name) => {
          const own = encodes[name];
          if (!own) return [];
          const plain = name === 'plain' ? undefined : encodes.plain;
          return [
            [
              String(crf),
              name === 'plain' ? 'without marks' : `variant ${name}`,
              own.vmaf.toFixed(2),
              plain && (plain.vmaf - own.vmaf).toFixed(2),
              plain && signedPercent(100 * (own.bits / plain.bits - 1)),
              plain && signedPercent(100 * (own.cpuSeconds / plain.cpuSeconds - 1)),
            ],
          ];
        }),
      ),
      ['**bar**', '', '', '0.50', '', ''],
    ],
  );
  const found = table(
    ['crf', 'copy', 'found', 'segments right', 'in doubt'],
    results.flatMap(({ crf, copies }) =>
      copies.map((copy) => [
        `${crf} → ${crf + 6}`,
        copy.name,
        foundText(copy),
        copy.found === 'none' ? undefined : `${copy.right} of ${copy.segments}`,
        doubtText(copy),
      ]),
    ),
  );
  const { tries, hits } = results.reduce(
    (sum, { rearranged }) => ({
      tries: sum.tries + (rearranged?.tries ?? 0),
      hits: sum.hits + (rearranged?.found ?? 0),
    }),
    { tries: 0, hits: 0 },
  );
  return [
    cost,
    found,
    ...(tries > 0
      ? [`Of ${tries} rearrangements of what the copies without marks say, something was found in ${hits}.`]
      : []),
  ].join('\n');
}
