import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { type Span, SpanKind, type Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { spanName } from './span-name.js';

/** Stands in for spans that are not kept; leaves the context as it is, so that what follows belongs to the span around. */
const SILENT: Span<Context> = {
  setSpanOnContext: (context: Context) => context,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
};

/**
 * Carries traces through the queue: who adds a job and who runs it are spans; how BullMQ renews locks and polls is not,
 * for it would be most of each trace. A job that brings no trace begins one.
 */
export function queueTelemetry(tracerName: string, version: string): Telemetry<Context> {
  const otel = new BullMQOtel({ tracerName, version });
  const { contextManager } = otel;
  return {
    tracer: {
      startSpan: (name, options, parent?: Context) => {
        const kind = options?.kind ?? SpanKind.INTERNAL;
        if (kind === SpanKind.INTERNAL) return SILENT;
        // A worker's loop lives in the context in which it was started: that is no parent of its jobs.
        const above = parent ?? (kind === SpanKind.CONSUMER ? ROOT_CONTEXT : undefined);
        return otel.tracer.startSpan(spanName(name), options, above);
      },
    },
    contextManager: {
      with: (context: Context, work) => contextManager.with(context, work),
      active: () => contextManager.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (context: Context) => contextManager.getMetadata(context),
      fromMetadata: (active: Context, metadata) => {
        try {
          return contextManager.fromMetadata(active, metadata);
        } catch {
          return active; // metadata of another program, no JSON: a trace that begins here is all that can be had
        }
      },
    },
  };
}
