import { HullcastError } from '../../errors.js';
import type { Ask, TokenUses, Use } from './uses.js';

interface Used {
  /** When each slot was first asked for. */
  slots: Map<string, number>;
  endsMs: number;
}

export interface MemoryUsesOptions {
  /** Most tokens that are remembered at once; 100,000 unless given, which are some 30 MB. */
  most?: number;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

/** Uses of this process alone, forgotten at its end. Where there is room for no more, tokens are refused, not forgotten. */
export function memoryUses(options: MemoryUsesOptions = {}): TokenUses & { size(): number } {
  const { most = 100_000, now = () => performance.now() } = options;
  const tokens = new Map<string, Used>();

  const forgetEnded = (nowMs: number): void => {
    for (const [token, { endsMs }] of tokens) if (endsMs <= nowMs) tokens.delete(token);
  };

  const use = ({ token, slots, most: mostSlots, retryMs, keepMs }: Ask): Use => {
    const nowMs = now();
    const known = tokens.get(token);
    const used = known && known.endsMs > nowMs ? known.slots : new Map<string, number>();
    const fresh = slots.filter((slot) => !used.has(slot));
    if (slots.some((slot) => nowMs - (used.get(slot) ?? Infinity) >= retryMs)) return 'replay';
    if (fresh.length === 0) return 'retry';
    if (used.size + fresh.length > mostSlots) return 'replay';
    if (!tokens.has(token) && tokens.size >= most) {
      forgetEnded(nowMs);
      if (tokens.size >= most) {
        throw new HullcastError('LICENSE_UNAVAILABLE', 'too many licence tokens are in use at once', {
          transient: true,
        });
      }
    }
    for (const slot of fresh) used.set(slot, nowMs);
    tokens.set(token, { slots: used, endsMs: nowMs + keepMs });
    return 'first';
  };
  return {
    // A promise also for what it throws.
    use: (ask) => new Promise((resolve) => resolve(use(ask))),
    size: () => tokens.size,
  };
}
