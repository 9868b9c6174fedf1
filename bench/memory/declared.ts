import { chunkStage, toneMapStage } from '../../src/chunker/index.js';
import { imagesStage } from '../../src/images/index.js';
import { DEFAULT_LIMITS, type FrameFormat, ingestStage, inspectStage } from '../../src/ingest/index.js';
import { audioStage, packageStage, verifyStage } from '../../src/package/index.js';
import type { Stage } from '../../src/pipeline/index.js';

/** Stages that are measured over a master. */
const MEASURED = [
  ...[
    ingestStage,
    inspectStage,
    chunkStage,
    toneMapStage,
    imagesStage,
    audioStage,
    packageStage,
    verifyStage,
  ],
] as readonly Stage[];

/** What a stage says that it needs, bytes, of a title whose pictures are such; 0 where it says nothing. */
export function declaredMemory(stage: string, picture: FrameFormat): number {
  // What any of them looks at; the rest of their parameters is of no matter.
  const params = { limits: DEFAULT_LIMITS, ingest: { picture }, picture, videos: [picture] };
  return MEASURED.find(({ name }) => name === stage)?.memory?.(params) ?? 0;
}
