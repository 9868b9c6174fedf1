import { type Check, type CheckResult, cachedCheck } from './checks.js';

/** What a probe is told. */
export interface HealthReport {
  /** `draining`: the process finishes what it has, and should get nothing more. */
  status: 'ok' | 'unready' | 'draining';
  checks: CheckResult[];
}

export interface Health {
  /** Whether the process runs at all; a process that answers does. What it depends on is not its fault. */
  live(): HealthReport;
  /** Whether it can do its work now: every check passes that is not dispensable, and it does not drain. */
  ready(): Promise<HealthReport>;
  /** From now on it is not ready. */
  drain(): void;
}

/** `describe` gives an error as text for whoever may ask, without secrets; its message unless given. */
export function createHealth(
  checks: readonly Check[],
  describe: (error: unknown) => string = (error) => (error instanceof Error ? error.message : String(error)),
): Health {
  const cached = checks.map((check) => cachedCheck(check, describe));
  let draining = false;
  return {
    live: () => ({ status: 'ok', checks: [] }),
    async ready() {
      if (draining) return { status: 'draining', checks: [] };
      const results = await Promise.all(cached.map((check) => check()));
      // Asked again, for checks take time.
      if (draining as boolean) return { status: 'draining', checks: results };
      const able = results.every(({ ok }, i) => ok || checks[i]!.dispensable);
      return { status: able ? 'ok' : 'unready', checks: results };
    },
    drain: () => {
      draining = true;
    },
  };
}
