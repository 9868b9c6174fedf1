/** One thing that a process needs for its work. */
export interface Check {
  name: string;
  /** Much can be done without it: what is wrong is told, and the process stays ready. */
  dispensable?: boolean;
  /** Resolves where it is there; rejects with what is wrong. Ends early where the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** How long it may take, milliseconds; 2000 unless given. */
  timeoutMs?: number;
  /** For how long an answer is good, milliseconds; 1000 unless given. */
  cacheMs?: number;
}

export interface CheckResult {
  name: string;
  ok: boolean;
  /** How long the check took, milliseconds. */
  ms: number;
  error?: string;
}

const TIMEOUT_MS = 2000;
const CACHE_MS = 1000;

/**
 * A check that answers from its last result while that is good, and that runs once at a time however many ask: who
 * asks often, or many at once, cannot load what is checked.
 */
export function cachedCheck(check: Check, describe: (error: unknown) => string): () => Promise<CheckResult> {
  const cacheMs = check.cacheMs ?? CACHE_MS;
  let last: { result: CheckResult; until: number } | undefined;
  let running: Promise<CheckResult> | undefined;
  return () => {
    if (last && performance.now() < last.until) return Promise.resolve(last.result);
    running ??= runCheck(check, describe).then((result) => {
      last = { result, until: performance.now() + cacheMs };
      running = undefined;
      return result;
    });
    return running;
  };
}

async function runCheck(check: Check, describe: (error: unknown) => string): Promise<CheckResult> {
  const { name } = check;
  const limit = check.timeoutMs ?? TIMEOUT_MS;
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`no answer within ${limit} ms`);
      reject(reason);
      controller.abort(reason);
    }, limit);
  });
  try {
    await Promise.race([(async () => check.run(controller.signal))(), late]);
    return { name, ok: true, ms: ms() };
  } catch (error) {
    return { name, ok: false, ms: ms(), error: describe(error) };
  } finally {
    clearTimeout(timer);
  }
}
