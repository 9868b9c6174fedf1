import type { Codec } from '../encode/index.js';
import type { VideoInput } from '../package/index.js';
import type { Pooled } from '../vmaf/index.js';
import type { Probe } from './search-run.js';

/** A rung as it ships. */
export interface TitleRendition extends VideoInput {
  codec: Codec;
  bits: number;
  vmaf: Pooled;
  chosen: Probe[];
}
