import type { Logger } from 'pino';
import type { JobEvent } from './events.js';

/** How many jobs of a stage a title has, as far as it is planned. */
export interface StageCount {
  stage: string;
  jobs: number;
  done: number;
}

/** A process that runs stages, as it describes itself. */
export interface WorkerState {
  id: string;
  host: string;
  pid: number;
  stages: string[];
  slots: number;
  busy: number;
  draining: boolean;
  jobs: { title: string; stage: string; job: string; /** ISO 8601 */ startedAt: string }[];
  version: string;
}

/** A stage run that failed, for people. */
export interface JobFailure {
  title: string;
  stage: string;
  job: string;
  /** ISO 8601 */
  at: string;
  code: string;
  message: string;
  willRetry: boolean;
  /** The command that failed, and its last lines. */
  command?: string;
  stderr?: string;
}

/** What processes tell each other. All of it may be lost: nothing but a display or some CPU depends on it. */
export type BusMessage =
  | { type: 'job'; title: string; event: JobEvent }
  | { type: 'step'; title: string; stages: StageCount[] }
  /** All work on the title is to stop. */
  | { type: 'cancel'; title: string }
  | { type: 'worker'; worker: WorkerState }
  | { type: 'failure'; failure: JobFailure };

/** Tells every process of the cluster, this one included. */
export interface Bus {
  publish(message: BusMessage): void;
  /** Gives what ends the subscription. */
  subscribe(listener: (message: BusMessage) => void): () => void;
  close(): Promise<void>;
}

/** Tells each listener of one message; one that fails is logged and keeps nobody else from hearing. */
export class Listeners {
  private readonly listeners = new Set<(message: BusMessage) => void>();

  constructor(private readonly log: Logger) {}

  add(listener: (message: BusMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(message: BusMessage): void {
    for (const listener of this.listeners) {
      try {
        listener(message);
      } catch (error) {
        this.log.error({ message: message.type, error: String(error) }, 'a listener of the bus failed');
      }
    }
  }
}

/** The bus of a queue that only this process can use. */
export function localBus(log: Logger): Bus {
  const listeners = new Listeners(log);
  return {
    publish: (message) => listeners.tell(message),
    subscribe: (listener) => listeners.add(listener),
    close: () => Promise.resolve(),
  };
}
