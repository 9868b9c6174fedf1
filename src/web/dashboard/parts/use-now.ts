import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 5000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, milliseconds since 1970; draws again every five seconds. One timer serves the whole page. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const listener = (): void => setNow(Date.now());
    listeners.add(listener);
    timer ??= setInterval(() => listeners.forEach((tell) => tell()), TICK_MS);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return now;
}
