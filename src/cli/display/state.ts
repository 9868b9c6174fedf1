import type { JobEvent } from '../../pipeline/index.js';

/** Work done over the last seconds is what speeds and remaining times are computed from. */
const WINDOW_MS = 20_000;
/** Samples are at least this far apart, so that a stage keeps few of them. */
const SAMPLE_MS = 500;

/** What a stage's work is counted in; unknown where only its jobs are heard of. */
export type Unit = 'frames' | 'files' | 'bytes' | 'unknown';

/** Stages whose work is not counted in frames. */
const UNITS: Readonly<Record<string, Unit>> = {
  package: 'files',
  deliver: 'files',
  conformance: 'files',
  upload: 'bytes',
};

/** A job that is under way: its work in the stage's own unit. */
interface RunningJob {
  done: number;
  total: number;
}

interface Work {
  /** Frames (or what the unit is) computed so far; what was cached is not work. */
  frames: number;
  /** Jobs computed so far, those under way in part. */
  jobs: number;
}

interface Sample extends Work {
  atMs: number;
}

/** What is known of a stage. Times are milliseconds of the clock that events are given with. */
export interface StageState {
  stage: string;
  unit: Unit;
  startedMs: number;
  /** When the last known job ended; undefined while there is work. More jobs may still be added. */
  endedMs: number | undefined;
  jobs: { total: number; done: number; cached: number; failed: number };
  /** Frames of finished jobs. */
  finishedFrames: number;
  /** Frames of finished jobs that were computed here. */
  computedFrames: number;
  running: ReadonlyMap<string, RunningJob>;
  /** Jobs that failed and were not started again. */
  failures: ReadonlyMap<string, string>;
  /** Work that was there when the stage was first heard of: it says nothing about the speed. */
  before: Work;
  samples: readonly Sample[];
}

/** Stages in the order in which they were first heard of. */
export type DisplayState = readonly StageState[];

export const NO_STAGES: DisplayState = [];

const NO_WORK: Work = { frames: 0, jobs: 0 };

export function newStage(stage: string, nowMs: number, unit = UNITS[stage] ?? 'frames'): StageState {
  return {
    stage,
    unit,
    startedMs: nowMs,
    endedMs: undefined,
    jobs: { total: 0, done: 0, cached: 0, failed: 0 },
    finishedFrames: 0,
    computedFrames: 0,
    running: new Map(),
    failures: new Map(),
    before: NO_WORK,
    samples: [{ atMs: nowMs, ...NO_WORK }],
  };
}

/** A stage that is heard of when it is under way already: what it has done by now is not of our time. */
export function beginsNow(state: StageState, nowMs: number): StageState {
  const before = work(state);
  return { ...state, before, samples: [{ atMs: nowMs, ...before }] };
}

const share = ({ done, total }: RunningJob): number => (total > 0 ? Math.min(1, done / total) : 0);

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** A job is under way, perhaps again after it failed; one that nobody added is counted when it is first heard of. */
function start(state: StageState, event: JobEvent): StageState {
  const known = state.running.get(event.job);
  const job = { done: event.done ?? 0, total: event.total ?? known?.total ?? 0 };
  const running = new Map(state.running).set(event.job, job);
  const failed = state.jobs.failed - (state.failures.has(event.job) ? 1 : 0);
  const total = Math.max(state.jobs.total, state.jobs.done + failed + running.size);
  return {
    ...state,
    running,
    jobs: { ...state.jobs, total, failed },
    failures: without(state.failures, event.job),
  };
}

/** A job that is done without having been started was found in the store: nobody added it. */
function finish(state: StageState, event: JobEvent): StageState {
  const job = state.running.get(event.job);
  const frames = event.total ?? job?.total ?? 0;
  const cached = event.cached === true;
  return {
    ...state,
    running: without(state.running, event.job),
    jobs: {
      ...state.jobs,
      total: state.jobs.total + (job ? 0 : 1),
      done: state.jobs.done + 1,
      cached: state.jobs.cached + (cached ? 1 : 0),
    },
    finishedFrames: state.finishedFrames + frames,
    computedFrames: state.computedFrames + (cached ? 0 : frames),
  };
}

function fail(before: StageState, event: JobEvent): StageState {
  const state = start(before, event);
  return {
    ...state,
    running: without(state.running, event.job),
    jobs: { ...state.jobs, failed: state.jobs.failed + 1 },
    failures: new Map(state.failures).set(event.job, event.message ?? 'failed'),
  };
}

function apply(state: StageState, event: JobEvent): StageState {
  switch (event.state) {
    case 'added':
      return { ...state, jobs: { ...state.jobs, total: state.jobs.total + 1 } };
    case 'started':
    case 'progress':
      return start(state, event);
    case 'done':
      return finish(state, event);
    case 'failed':
      return fail(state, event);
  }
}

/** Work computed so far, with the part of jobs that are under way. */
function work({ jobs, computedFrames, running }: StageState): Work {
  let frames = computedFrames;
  let done = jobs.done - jobs.cached;
  for (const job of running.values()) {
    frames += job.done;
    done += share(job);
  }
  return { frames, jobs: done };
}

/** Keeps the last sample before the window, so that the window is always covered. */
export function sampled(state: StageState, nowMs: number): readonly Sample[] {
  const last = state.samples.at(-1);
  const previous = state.samples.at(-2);
  const sample = { atMs: nowMs, ...work(state) };
  const replace = last && previous && last.atMs - previous.atMs < SAMPLE_MS;
  const all = [...(replace ? state.samples.slice(0, -1) : state.samples), sample];
  const first = all.findLastIndex(({ atMs }) => atMs <= nowMs - WINDOW_MS);
  return all.slice(Math.max(0, first));
}

/** The state after an event that came at `nowMs`. Pure. */
export function reduce(state: DisplayState, event: JobEvent, nowMs: number): DisplayState {
  const index = state.findIndex(({ stage }) => stage === event.stage);
  const known = state[index];
  const next = apply(known ?? newStage(event.stage, nowMs), event);
  const applied = known === undefined && event.state === 'started' ? beginsNow(next, nowMs) : next;
  const { total, done, failed } = applied.jobs;
  const after: StageState = {
    ...applied,
    endedMs: done + failed >= total ? nowMs : undefined,
    samples: sampled(applied, nowMs),
  };
  return index < 0 ? [...state, after] : state.with(index, after);
}

/** What a stage's line says. */
export interface StageView {
  stage: string;
  state: 'running' | 'finished' | 'cached' | 'failed';
  jobsDone: number;
  jobsTotal: number;
  jobsCached: number;
  jobsFailed: number;
  /** Frames done, whole ones; 0 where the stage counts none. */
  frames: number;
  /** Over the last 20 s; over its whole time where it has ended. Undefined before anything can be said. */
  framesPerSecond: number | undefined;
  /** 0..100, by jobs: those under way count in part. */
  percent: number;
  /** Undefined before anything can be said; 0 at the end. */
  etaSeconds: number | undefined;
  /** Since the stage's first event; until its end where it has ended. */
  seconds: number;
  /** One failed job's message. */
  message: string | undefined;
  /** Of stages that move bytes; the speed as above. */
  bytes?: { done: number; total: number; perSecond: number | undefined };
}

function stateOf({ jobs, endedMs }: StageState): StageView['state'] {
  if (endedMs === undefined) return 'running';
  if (jobs.failed > 0) return 'failed';
  return jobs.cached === jobs.done ? 'cached' : 'finished';
}

/** What can be said of a stage at `nowMs`. Pure. */
export function view(state: StageState, nowMs: number): StageView {
  const { jobs, running, samples, endedMs } = state;
  const now = work(state);
  const ended = endedMs !== undefined;
  const untilMs = endedMs ?? nowMs;
  const from = (ended ? undefined : samples[0]) ?? { atMs: state.startedMs, ...state.before };
  const elapsed = (untilMs - from.atMs) / 1000;
  const speed = (amount: number): number | undefined =>
    elapsed > 0 && amount > 0 ? amount / elapsed : undefined;
  const jobsPerSecond = speed(now.jobs - from.jobs);
  const left = jobs.total - jobs.failed - jobs.cached - now.jobs;
  const eta = jobsPerSecond === undefined ? undefined : left / jobsPerSecond;
  const countsFrames = state.unit === 'frames';
  const amountPerSecond = speed(now.frames - from.frames);
  const runningJobs = [...running.values()];
  const amount = state.finishedFrames + runningJobs.reduce((sum, job) => sum + job.done, 0);
  const total = state.finishedFrames + runningJobs.reduce((sum, job) => sum + job.total, 0);
  return {
    stage: state.stage,
    state: stateOf(state),
    jobsDone: jobs.done,
    jobsTotal: jobs.total,
    jobsCached: jobs.cached,
    jobsFailed: jobs.failed,
    frames: countsFrames ? Math.floor(amount) : 0,
    framesPerSecond: countsFrames ? amountPerSecond : undefined,
    percent: jobs.total > 0 ? Math.min(100, (100 * (jobs.cached + now.jobs)) / jobs.total) : 0,
    etaSeconds: ended ? 0 : eta,
    seconds: (untilMs - state.startedMs) / 1000,
    message: [...state.failures.values()][0],
    ...(state.unit === 'bytes' ? { bytes: { done: amount, total, perSecond: amountPerSecond } } : {}),
  };
}
