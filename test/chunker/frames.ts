import { LUMA_BYTES, LUMA_HEIGHT, LUMA_WIDTH, type LumaFrame } from '../../src/chunker/luma.js';

/** Repeatable numbers 0..1 (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Scene = (x: number, y: number) => number;

/** A smooth landscape of some waves, the same for a seed; about 40 ± of contrast around a middle brightness. */
export function landscape(seed: number): Scene {
  const next = numbers(seed);
  const middle = 90 + 80 * next();
  const waves = Array.from({ length: 6 }, () => ({
    x: (next() - 0.5) * 0.8,
    y: (next() - 0.5) * 0.8,
    phase: next() * 7,
    height: 10 + 20 * next(),
  }));
  return (x, y) =>
    middle + waves.reduce((sum, w) => sum + w.height * Math.sin(w.x * x + w.y * y + w.phase), 0);
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

/** A scene as seen with the camera at (dx, dy). */
export function view(scene: Scene, dx = 0, dy = 0): LumaFrame {
  const frame = new Uint8Array(LUMA_BYTES);
  for (let y = 0; y < LUMA_HEIGHT; y++) {
    for (let x = 0; x < LUMA_WIDTH; x++) frame[y * LUMA_WIDTH + x] = clamp(scene(x + dx, y + dy));
  }
  return frame;
}

export function plain(value: number): LumaFrame {
  return new Uint8Array(LUMA_BYTES).fill(value);
}

/** a where share is 0, b where it is 1. */
export function mix(a: LumaFrame, b: LumaFrame, share: number): LumaFrame {
  return a.map((value, i) => clamp(value * (1 - share) + b[i]! * share));
}

export function noisy(frame: LumaFrame, amplitude: number, next: () => number): LumaFrame {
  return frame.map((value) => clamp(value + (next() - 0.5) * 2 * amplitude));
}

export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
