/** What happens to the jobs of a title, as the display, the JSON lines and the tests see it. */
export interface JobEvent {
  type: 'job';
  /** The stage's name, e.g. `probe`. */
  stage: string;
  /** The job's id, unique within the title. */
  job: string;
  state: 'added' | 'started' | 'progress' | 'done' | 'failed';
  /** Work done and to do, in the stage's own unit (frames where it has frames). */
  done?: number;
  total?: number;
  /** With `done`: the artifact was there already, nothing was computed. */
  cached?: boolean;
  /** With `failed`: what went wrong. */
  message?: string;
}
