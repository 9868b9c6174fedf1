export { type ArtifactRecord, ArtifactStore, type Cost, type ToolVersions, artifactKey } from './artifact.js';
export { canonicalJson } from './canonical.js';
export type * from './events.js';
export { type Home, homeFolder, openHome } from './home.js';
export { Gate, type GateOptions } from './gate.js';
export { type HostOptions, type StageJob, type StageJobResult, WorkerHost } from './host.js';
export { type PerformEnv, type Performed, performStage } from './perform.js';
export {
  Pipeline,
  type PipelineOptions,
  type RunOptions,
  type TitleOutcome,
  openPipeline,
  runTitle,
} from './pipeline.js';
export { type JobQueue, type QueueBackend, type QueueClasses, queueClasses } from './queue/backend.js';
export { embeddedQueue } from './queue/embedded.js';
export { type OpenQueueOptions, openQueue } from './queue/open.js';
export { type RedisQueueOptions, redisQueue } from './queue/redis.js';
export { takeTurns } from './queue/turns.js';
export type * from './stage.js';
export type { Artifact, JobSpec, TitleContext, TitleFlow } from './title-flow.js';
export type { Totals } from './totals.js';
