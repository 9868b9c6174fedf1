import { TitleModel } from './ladder.js';
import { type FoundRung, totalsOf } from './found.js';
import type { ShotModel } from './model.js';
import type { Measured, PlannedRung, SearchInput } from './types.js';

/**
 * The title as its encodes are: a plan of this model is made of encodes that there are, and comes to what it says.
 * `encodes[shot][resolution]`, in the order of SearchInput, none empty; `models` say how bits are spread within a shot.
 */
export class ShippableTitle extends TitleModel {
  private readonly byCrf: readonly (readonly ReadonlyMap<number, Measured>[])[];

  constructor(
    input: SearchInput,
    models: readonly (readonly Pick<ShotModel, 'peakFactor'>[])[],
    encodes: readonly (readonly (readonly Measured[])[])[],
  ) {
    const byCrf = encodes.map((byResolution) =>
      byResolution.map((some) => new Map(some.toSorted((a, b) => a.crf - b.crf).map((m) => [m.crf, m]))),
    );
    const exact = byCrf.map((byResolution, s) =>
      byResolution.map((known, r): ShotModel => ({
        bits: (crf) => known.get(crf)!.bits,
        vmaf: (crf) => known.get(crf)!.vmaf,
        spread: () => 0,
        peakFactor: models[s]![r]!.peakFactor,
      })),
    );
    const crfs = byCrf.map((byResolution) => byResolution.map((known) => [...known.keys()]));
    super(input, exact, crfs);
    this.byCrf = byCrf;
  }

  /** The encodes of a rung of this model. */
  found({ resolution, crf }: PlannedRung): FoundRung {
    const r = this.input.resolutions.findIndex(({ height }) => height === resolution.height);
    const chosen = crf.map((c, s) => this.byCrf[s]![r]!.get(c)!);
    return { resolution, chosen, ...totalsOf(this.input, chosen) };
  }
}
