import { JOB_OUTCOMES, type PipelineObserver } from '../../pipeline/index.js';
import { encodeMeasure, jobFacts } from '../../title/index.js';
import { type Instruments, geometric } from './instruments.js';
import { encodeLabels } from './labels.js';

/** Seconds, from what a poll of the queue takes to half a day. */
const WAIT_BUCKETS = [0.05, 0.2, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200];
/** Seconds, from a probe of a small picture to a film that is read once. */
const DURATION_BUCKETS = geometric(0.25, 2, 16);
/** Frames a second, from AV1 in 2160p to H.264 in 240p. */
const SPEED_BUCKETS = geometric(0.25, 2, 13);
/** VMAF: fine where ladders end. */
export const VMAF_BUCKETS = [20, 30, 40, 50, 60, 65, 70, 75, 80, 84, 88, 90, 92, 94, 95, 96, 97, 98, 99, 100];

/**
 * Counts what a pipeline does. Each stage has every counter from the start, at 0: a first failure is an increase, and
 * not a time series that was not there before.
 */
export function jobMetrics(make: Instruments, stages: readonly string[]): PipelineObserver {
  const jobs = make.counter('hullcast_jobs_total', 'Runs of jobs that have ended, by how they ended.', [
    'stage',
    'outcome',
  ]);
  const running = make.gauge('hullcast_jobs_running', 'Jobs that run in this process.', ['stage']);
  const wait = make.histogram(
    'hullcast_queue_wait_seconds',
    'From when a job could have been taken from its queue until it ran; first attempts only.',
    WAIT_BUCKETS,
    ['stage'],
  );
  const duration = make.histogram(
    'hullcast_job_duration_seconds',
    'Wall time of runs that computed their result.',
    DURATION_BUCKETS,
    ['stage'],
  );
  const cpu = make.counter(
    'hullcast_cpu_seconds_total',
    'User and system CPU of the child processes of jobs, those that failed included.',
    ['stage'],
  );
  const hits = make.counter('hullcast_cache_hits_total', 'Results that were there already.', ['stage']);
  const misses = make.counter('hullcast_cache_misses_total', 'Results that had to be computed.', ['stage']);
  const encodes = encodeMetrics(make);

  for (const stage of stages) {
    for (const outcome of JOB_OUTCOMES) jobs.inc({ stage, outcome }, 0);
    running.set({ stage }, 0);
    for (const counter of [cpu, hits, misses]) counter.inc({ stage }, 0);
  }
  return {
    started({ stage }, { waitSeconds }) {
      running.inc({ stage });
      if (waitSeconds !== undefined) wait.observe({ stage }, waitSeconds);
    },
    ended(job, end) {
      const { stage } = job;
      running.dec({ stage });
      jobs.inc({ stage, outcome: end.outcome });
      cpu.inc({ stage }, end.cpuSeconds);
      if (end.outcome !== 'done') return;
      (end.cached ? hits : misses).inc({ stage });
      if (end.cached) return;
      duration.observe({ stage }, end.durationSeconds);
      encodes(job, end);
    },
    reused: (stage) => hits.inc({ stage }),
  };
}

type Ended = PipelineObserver['ended'];

/** What only encodes have: their speed and their score. */
function encodeMetrics(make: Instruments): Ended {
  const labels = ['codec', 'size'] as const;
  const frames = make.counter('hullcast_encoded_frames_total', 'Frames encoded and scored.', labels);
  const speed = make.histogram(
    'hullcast_encode_frames_per_second',
    'Frames of a chunk by the wall time of its encode and its scoring; one thread each.',
    SPEED_BUCKETS,
    labels,
  );
  const vmaf = make.histogram(
    'hullcast_chunk_vmaf',
    'Mean VMAF of encoded chunks, probes and deliverables alike.',
    VMAF_BUCKETS,
    ['codec'],
  );
  return (job, { result, durationSeconds }) => {
    const own = encodeLabels(jobFacts(job));
    const measured = encodeMeasure(result);
    if (!own || !measured) return;
    frames.inc(own, measured.frames);
    if (durationSeconds > 0) speed.observe(own, measured.frames / durationSeconds);
    vmaf.observe({ codec: own.codec }, measured.vmaf);
  };
}
