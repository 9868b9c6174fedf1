import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, asApiError } from '../api/error.js';

export interface Resource<T> {
  /** The last that was loaded, while it is loaded again too. */
  data: T | undefined;
  /** Why the last try failed. */
  error: ApiError | undefined;
  busy: boolean;
  /** Loads again; a load that is under way is dropped. */
  reload: () => void;
}

interface Loaded<T> {
  key: string;
  data: T | undefined;
  error: ApiError | undefined;
  busy: boolean;
}

/**
 * Loads something when the page needs it, again when `key` changes (then the old data is gone), when `version` does
 * (the old data stays until the new is there), and every `everyMs` while somebody looks at the page.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs, version }: { everyMs?: number | undefined; version?: unknown } = {},
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ key, data: undefined, error: undefined, busy: true });
  const current = useRef<AbortController | undefined>(undefined);
  const latest = useRef(load);
  latest.current = load;

  const reload = useCallback(() => {
    current.current?.abort();
    const stop = new AbortController();
    current.current = stop;
    const settled = (): void => {
      if (current.current === stop) current.current = undefined;
    };
    setLoaded((before) =>
      before.key === key ? { ...before, busy: true } : { key, data: undefined, error: undefined, busy: true },
    );
    latest.current(stop.signal).then(
      (data) => {
        settled();
        if (!stop.signal.aborted) setLoaded({ key, data, error: undefined, busy: false });
      },
      (error: unknown) => {
        settled();
        if (stop.signal.aborted) return;
        setLoaded((before) => ({ ...before, error: asApiError(error), busy: false }));
      },
    );
  }, [key]);

  useEffect(() => {
    reload();
    const timer =
      everyMs === undefined
        ? undefined
        : setInterval(() => {
            // A slow server is not asked again before it has answered.
            if (document.visibilityState === 'visible' && !current.current) reload();
          }, everyMs);
    return () => {
      current.current?.abort();
      clearInterval(timer);
    };
  }, [reload, everyMs, version]);

  return loaded.key === key
    ? { data: loaded.data, error: loaded.error, busy: loaded.busy, reload }
    : { data: undefined, error: undefined, busy: true, reload };
}
