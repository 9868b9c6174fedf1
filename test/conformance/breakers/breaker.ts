import type { Profile } from '../../../src/conformance/index.js';
import type { Package } from '../memory.js';

/** Good packages that breakers start from. */
export type Base =
  'ours' | 'surround' | 'cenc' | 'cbcs' | 'single' | 'numbers' | 'fast' | 'whole' | 'rotated';

/** An edit that makes a good package a bad one. */
export interface Breaker {
  /** What is wrong then. */
  breaks: string;
  base: Base;
  edit: (stream: Package) => void;
  /** Exactly the rules that are broken, sorted. */
  rules: readonly string[];
  /** Profiles that are asked for. */
  profiles?: readonly Profile[];
}

/** Files of the base `ours`. */
export const BIG = 'video/h264-180';
export const SMALL = 'video/h264-90';
export const SOUND = 'audio/audio-en-stereo';
