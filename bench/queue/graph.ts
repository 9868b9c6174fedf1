/** A job of the film as it travels in the queue; shaped like a stage's job of a title. */
export interface FilmJob {
  stage: string;
  job: string;
  params: Record<string, unknown>;
}

/** Of two hours: a shot lasts 3.8 s on average. */
const SHOTS = 1900;
/** Encodes of each shot: so many to look at its curve, and so many more that the plans ask for, in each round. */
const PROBES = 9;
const ROUNDS = [6, 4, 2];
const RUNGS = 8;
const AUDIO = 2;

const digest = (n: number): string => n.toString(16).padStart(64, '0');
const video = { width: 1920, height: 1080, fps: '24/1' };

function encodes(stage: string, each: number, round: number): FilmJob[] {
  return Array.from({ length: SHOTS * each }, (_, n) => {
    const shot = n % SHOTS;
    const crf = 18 + round * 10 + Math.floor(n / SHOTS);
    return {
      ...{ stage, job: `${stage}.${shot}-${crf}` },
      params: {
        ...{ chunk: { sha256: digest(shot), bytes: 3_000_000 }, frames: 96, source: video, codec: 'h264' },
        ...{
          size: { width: 1280, height: 720 },
          crf,
          preset: 'medium',
          gop: [0, 48],
          score: { subsample: 3, model: 'vmaf_v0.6.1' },
        },
      },
    };
  });
}

const single = (stage: string, n = 0): FilmJob => ({
  ...{ stage, job: `${stage}.${n}` },
  params: { input: { sha256: digest(n), bytes: 1e9 }, video },
});

/**
 * What the title of a two-hour film waits for, step by step: each step's jobs run side by side. 40,000 jobs, most of them
 * encodes of one shot.
 */
export function filmSteps(): FilmJob[][] {
  const parallel = (stage: string, count: number): FilmJob[] =>
    Array.from({ length: count }, (_, n) => single(stage, n));
  const steps = [
    [single('ingest')],
    [single('chunk'), single('inspect'), ...parallel('audio', AUDIO)],
    encodes('probe', PROBES, 0),
    ...ROUNDS.map((each, round) => encodes('encode', each, round + 1)),
    parallel('assemble', RUNGS),
    [single('package')],
    [single('verify')],
  ];
  const jobs = steps.reduce((sum, step) => sum + step.length, 0);
  // The last shots are hard, and are encoded more often.
  steps[3] = [...steps[3]!, ...encodes('encode', 1, 5).slice(0, JOBS - jobs)];
  return steps;
}

/** Jobs of the film. */
export const JOBS = 40_000;

/** Stages of the film in the order of the flow. */
export const FILM_STAGES = [
  'ingest',
  'inspect',
  'chunk',
  'audio',
  'probe',
  'encode',
  'assemble',
  'package',
  'verify',
];
