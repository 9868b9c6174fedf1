import type { Logger } from 'pino';
import type { Database, Title } from '../../db/index.js';
import { HullcastError } from '../../errors.js';
import {
  type ActiveTitle,
  type ArtifactStore,
  type Bus,
  type Cost,
  FlowRunner,
  type PipelineObserver,
  type Stage,
  type TitleEnd,
  type TitleFlow,
  type TitleSource,
  type ToolVersions,
  abortController,
  cancelled,
} from '../../pipeline/index.js';
import { parseRunId, runIdOf } from './run-id.js';

/** Artifacts of a title, as its publication refers to them. */
export type UsedArtifacts = ReadonlyMap<string, { stage: string; cost: Cost }>;

/** What titles are made of and become. */
export interface TitleMaking<R> {
  /** The flow of a title. */
  flow(title: Title): TitleFlow<R>;
  /** Puts what the flow gave where viewers find it, and says what the database keeps of it. May be repeated. */
  publish(
    title: Title,
    end: Extract<TitleEnd, { totals: unknown }> & { result: R },
    used: UsedArtifacts,
  ): Promise<NonNullable<Title['result']>>;
  /** Takes away what `publish` put there, or began to; nothing where there is none. May be repeated. */
  withdraw(titleId: string): Promise<void>;
}

export interface TitleRunsOptions<R> {
  db: Pick<Database, 'titles'>;
  artifacts: ArtifactStore;
  stage: (name: string) => Stage;
  tools: ToolVersions;
  bus: Bus;
  log: Logger;
  making: TitleMaking<R>;
  observer?: PipelineObserver | undefined;
  /** Told of a title whose end was written to the database. */
  onEnded?: ((title: Title) => void) | undefined;
}

/** Titles kept at a time; one that is forgotten is read again when its job comes back. */
const MAX_RUNS = 256;

interface Run {
  active: ActiveTitle;
  stop: AbortController;
}

/**
 * Titles of the database as the queue runs them: a job opens its title, whichever process it comes to, and its end is
 * written to the database before the queue notes it.
 */
export class TitleRuns<R> implements TitleSource {
  private readonly runs = new Map<string, Run>();
  private readonly unsubscribe: () => void;

  constructor(private readonly options: TitleRunsOptions<R>) {
    this.unsubscribe = options.bus.subscribe((message) => {
      if (message.type === 'cancel')
        this.runs.get(message.title)?.stop.abort(cancelled(`title ${message.title}`));
    });
  }

  async open(run: string): Promise<ActiveTitle | undefined> {
    const title = await this.wanted(run);
    if (!title) {
      this.runs.delete(run);
      return undefined;
    }
    const { active, stop } = this.keep(run, this.runs.get(run) ?? this.start(run, title));
    const cancelling = title.state === 'cancelling' || !(await this.options.db.titles.started(title.id));
    if (cancelling) stop.abort(cancelled(`title ${run}`));
    return active;
  }

  ended(run: string, end: { result: unknown } | { error: HullcastError }): void {
    this.runs.delete(run);
    if (!('error' in end) || end.error.code !== 'STAGE_FAILED') return;
    this.givenUp(run, end.error).catch((error: unknown) => {
      this.options.log.error({ title: run, err: error }, 'the end of a title was not noted: it begins again');
    });
  }

  lost(run: string): void {
    // Its processes in this cluster go on: they work for the title wherever it runs. Only the flow here is over.
    this.runs.delete(run);
  }

  close(): void {
    this.unsubscribe();
  }

  /** The title behind a job, if this is its attempt and it has not ended. */
  private async wanted(run: string): Promise<Title | undefined> {
    const name = parseRunId(run);
    const title = name && (await this.options.db.titles.get(name.id));
    if (!title || runIdOf(title) !== run) return undefined;
    return ['queued', 'running', 'cancelling'].includes(title.state) ? title : undefined;
  }

  private start(run: string, title: Title): Run {
    const { artifacts, stage, tools, log, making, observer } = this.options;
    const stop = abortController();
    const used = new Map<string, { stage: string; cost: Cost }>();
    const own = log.child({ title: title.id });
    const runner = new FlowRunner(making.flow(title), {
      ...{ title: run, stage, artifacts, tools, log: own, signal: stop.signal, observer },
      onEvent: () => undefined, // who does a job says so on the bus
      onArtifact: (name, key, cost) => used.set(key, { stage: name, cost }),
    }) as FlowRunner<unknown>;
    const active: ActiveTitle = {
      runner,
      signal: stop.signal,
      settle: (end) => ('error' in end ? this.fail(title, end.error) : this.finish(title, end, used)),
    };
    return { active, stop };
  }

  private keep(name: string, run: Run): Run {
    this.runs.delete(name);
    this.runs.set(name, run);
    const oldest = this.runs.keys().next().value;
    if (this.runs.size > MAX_RUNS && oldest !== undefined) this.runs.delete(oldest);
    return run;
  }

  private async finish(
    title: Title,
    end: Exclude<TitleEnd, { error: unknown }>,
    used: UsedArtifacts,
  ): Promise<void> {
    const { db, making, log } = this.options;
    const { id, attempt } = title;
    const result = await making.publish(title, { ...end, result: end.result as R }, used);
    if (await db.titles.finished(id, result, attempt)) log.info({ title: id }, 'published');
    else {
      // Somebody cancelled it in the last moment, or deleted it while this process was stopped.
      await this.withdraw(title);
      await db.titles.cancelled(id, attempt);
    }
    await this.tellEnd(title);
  }

  /** Takes a publication back, unless it is by now another's: of a later attempt, or of whoever finished this one. */
  private async withdraw({ id, attempt }: Title): Promise<void> {
    const now = await this.options.db.titles.get(id);
    if (!now || (now.attempt === attempt && now.state !== 'done')) await this.options.making.withdraw(id);
  }

  private async fail(title: Title, error: HullcastError): Promise<void> {
    const { db, log } = this.options;
    const { code, message, hint } = error;
    const { id, attempt } = title;
    // A store that is away may be why it failed: its end must be known all the same. The next publication, or the title's
    // deletion, takes away what is left.
    await this.withdraw(title).catch((cause: unknown) => {
      log.warn({ title: id, err: cause }, 'what was published of a title that failed could not be removed');
    });
    if (await db.titles.cancelled(id, attempt)) {
      log.info({ title: id }, 'cancelled');
    } else {
      log.error({ title: id, code, message }, 'a title failed');
      await db.titles.failed(id, { code, message, ...(hint === undefined ? {} : { hint }) }, attempt);
    }
    await this.tellEnd(title);
  }

  /** Fails a title that nothing has settled: to begin it again would only let more processes die. */
  private async givenUp(run: string, error: HullcastError): Promise<void> {
    const title = await this.wanted(run);
    if (!title) return;
    this.options.bus.publish({ type: 'cancel', title: run });
    const hint =
      'Processes that drove it died again and again: look at their logs and at their memory, then retry it.';
    await this.fail(
      title,
      new HullcastError('STAGE_FAILED', `the queue gave it up: ${error.message}`, { hint }),
    );
  }

  private async tellEnd({ id }: Title): Promise<void> {
    const { db, onEnded } = this.options;
    const title = onEnded && (await db.titles.get(id));
    if (title) onEnded(title);
  }
}
