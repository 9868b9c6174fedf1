import type { Telemetry } from 'bullmq';
import type { FastifyPluginCallback } from 'fastify';
import type { Logger } from 'pino';
import type { PipelineObserver } from '../../pipeline/index.js';

export type SpanAttributes = Record<string, string | number | boolean>;

/** Traces of one process: from a request through every job to publication. Without a collector nothing is done. */
export interface Tracing {
  /** For queues and workers: carries the trace in the jobs. */
  readonly telemetry: Telemetry | undefined;
  /** For the pipeline: puts what a job was and cost on its span. */
  readonly pipeline: PipelineObserver | undefined;
  /** For the log: the trace and the span of the moment. */
  readonly logFields: (() => Record<string, string>) | undefined;
  /**
   * A plugin that gives each request of a server a span, in the trace that its `traceparent` names:
   * `app.register(tracing.requests)`.
   */
  readonly requests: FastifyPluginCallback;
  /** Runs a part of the work in a span of its own; an error that it throws marks the span. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
  /** Sends what is left, for at most `limitMs`, and stops. Never fails: the log says what was lost. */
  close(limitMs: number): Promise<void>;
}

export interface TracingOptions {
  env: NodeJS.ProcessEnv;
  /** `control`, `worker`: the service is `hullcast-<it>`, unless OTEL_SERVICE_NAME says otherwise. */
  service: string;
  version: string;
  /** Gets what goes wrong with exporting; made before traces are, so it may be without their fields. */
  log: Pick<Logger, 'warn'>;
}
