export {
  type ArtifactRecord,
  ArtifactStore,
  blobKey,
  type Cost,
  REFRESH_AFTER_MS,
  type ToolVersions,
  artifactKey,
} from './artifact.js';
export {
  type Bus,
  type BusMessage,
  type JobFailure,
  type StageCount,
  type WorkerState,
  localBus,
} from './bus.js';
export { queueBus } from './queue-bus.js';
export { canonicalJson } from './canonical.js';
export { DUE_ORIGIN_MS, type DueFacts, compareJobs, dueOf } from './due.js';
export type * from './events.js';
export { type Home, type NodeHome, homeFolder, openHome, openNodeHome } from './home.js';
export { asHullcastError, cancelled } from './failure.js';
export { FlowRunner } from './title-flow.js';
export { abortController } from './signals.js';
export { type HostOptions, WorkerHost } from './host.js';
export {
  JOB_OUTCOMES,
  type JobEnd,
  type JobOutcome,
  type JobStart,
  JobWatch,
  type ObservedJob,
  type PipelineObserver,
  allObservers,
} from './observer.js';
export { Gate, type GateOptions, usableMemory } from './gate.js';
export {
  type FsckFinding,
  type FsckOptions,
  type Garbage,
  type GcOptions,
  type GcPlan,
  type GcPolicy,
  type PublishedFile,
  type TitleRefs,
  checkStore,
  collectGarbage,
  planGc,
  refsKey,
  writeRefs,
} from './maintenance/index.js';
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
export { type StageJob, type StageJobResult, StageQueues } from './stage-queues.js';
export type * from './stage.js';
export { type ActiveTitle, TITLE_QUEUE, type TitleEnd, TitleQueue, type TitleSource } from './title-queue.js';
export type { TitleTotals } from './title-job.js';
export type { Artifact, JobSpec, TitleContext, TitleFlow } from './title-flow.js';
export type { Totals } from './totals.js';
