import type { Costs } from './costs.js';
import type { StoreModel } from './transfers.js';

/** How a title is made. */
export interface FlowOptions {
  /** The search begins as soon as the chunks are there, not when inspection and sound are done too. */
  searchBesideInspect: boolean;
  /** Length of the pieces, seconds, in which the master is decoded, cut and inspected, and rungs are verified; whole unless given. */
  pieces?: number;
  /** Each rung is packaged and verified by itself. */
  rungsApart: boolean;
  /** Files that packaging and verifying move at a time. */
  filesAtOnce: number;
  /** What was planned before a wait is not planned again after it. */
  planOnce: boolean;
  /** A codec's next round begins when its own last one is done, not that of all codecs. */
  codecsApart: boolean;
}

/** The flow as src/title/flow.ts and the stages have it. */
export const FLOW_NOW: FlowOptions = {
  ...{ searchBesideInspect: false, rungsApart: false, filesAtOnce: 1, planOnce: true, codecsApart: false },
};

/** Stages in the order of the flow: the later ones go first. */
export const STAGES = [
  ...[
    'ingest',
    'inspect',
    'chunk',
    'cut',
    'audio',
    'probe',
    'encode',
    'assemble',
    'package',
    'verify',
    'publish',
  ],
];
export const RANKS: ReadonlyMap<string, number> = new Map(STAGES.map((stage, rank) => [stage, rank]));

/** What a flow is made for: costs, store, and what the draws begin with that make jobs differ. */
export interface FlowSetting {
  costs: Costs;
  store: StoreModel;
  seed: number;
  /** Bytes of the master, as a multiple of the measured one's. */
  masterScale?: number;
  /**
   * Codecs of the title by what an encode costs, as a multiple of H.264's; one of 1 unless given. The rounds of all are waited
   * for together, as the flow does.
   */
  codecs?: readonly number[];
}
