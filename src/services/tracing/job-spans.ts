import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { PipelineObserver } from '../../pipeline/index.js';
import { type JobFacts, jobFacts } from '../../title/index.js';
import type { SpanAttributes } from './types.js';

/** What a job works on, as attributes: `hullcast.shot`, `hullcast.codec`, `hullcast.frames`, … */
export function factAttributes(facts: JobFacts): SpanAttributes {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [`hullcast.${name}`, value as number]),
  );
}

/** Puts on the span of a job's run, which the queue has started, what the job was, how it ended and what it cost. */
export const jobSpans: PipelineObserver = {
  started(job, { waitSeconds }) {
    const { title, stage, job: name } = job;
    trace.getActiveSpan()?.setAttributes({
      ...{ 'hullcast.title': title, 'hullcast.stage': stage, 'hullcast.job': name },
      ...factAttributes(jobFacts(job)),
      ...(waitSeconds === undefined ? {} : { 'hullcast.wait_seconds': waitSeconds }),
    });
  },
  ended(_job, { outcome, cached, cpuSeconds, code }) {
    const span = trace.getActiveSpan();
    span?.setAttributes({
      ...{ 'hullcast.outcome': outcome, 'hullcast.cached': cached, 'hullcast.cpu_seconds': cpuSeconds },
      ...(code === undefined ? {} : { 'error.type': code }),
    });
    if (outcome === 'failed' || outcome === 'retried')
      span?.setStatus({ code: SpanStatusCode.ERROR, ...(code === undefined ? {} : { message: code }) });
  },
  reused: () => undefined,
};
