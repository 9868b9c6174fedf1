import type { FrameSize } from './request.js';
import type { VmafModel } from './types.js';

/** Lines from which on a picture is judged by the 4K model. */
const UHD_LINES = 2160;

/**
 * libvmaf's model for a reference of this size: the 4K model from 2160 lines on, by the shorter side, so that upright
 * pictures are judged as if they lay. `neg` takes the model without enhancement gain, which gives no credit for
 * sharpening or added contrast.
 */
export function modelFor(reference: FrameSize, options: { neg?: boolean } = {}): VmafModel {
  const uhd = Math.min(reference.width, reference.height) >= UHD_LINES;
  if (uhd) return options.neg ? 'vmaf_4k_v0.6.1neg' : 'vmaf_4k_v0.6.1';
  return options.neg ? 'vmaf_v0.6.1neg' : 'vmaf_v0.6.1';
}
