import { chunkStage, toneMapStage } from '../chunker/index.js';
import { assembleStage, encodeStage, probeStage } from '../encode/index.js';
import { imagesStage } from '../images/index.js';
import { ingestStage, inspectStage } from '../ingest/index.js';
import { audioStage, deliverStage, markersStage, packageStage, verifyStage } from '../package/index.js';
import { textStage } from '../text/index.js';
import type { Stage } from '../pipeline/index.js';

/** Every stage that a worker can run. */
export const STAGES: readonly Stage[] = [
  ingestStage,
  inspectStage,
  chunkStage,
  toneMapStage,
  audioStage,
  textStage,
  probeStage,
  encodeStage,
  assembleStage,
  imagesStage,
  packageStage,
  verifyStage,
  markersStage,
  deliverStage,
] as readonly Stage[];
