import { planCopy } from './copy-plan.js';
import type { Window } from './cut-args.js';
import type { PacketIndex } from './packets.js';
import type { Span } from './plan-shots.js';

/** The times that hold exactly the frames of a span, bounds in the middle between two frames. */
export function frameWindow(index: PacketIndex, span: Span): Window {
  const time = (frame: number): number => index.pts[index.packetOf[frame]!]! * index.tickSeconds;
  const between = (frame: number): number => (time(frame - 1) + time(frame)) / 2;
  const whole = span.endFrame === index.packetOf.length;
  return {
    seekSeconds: planCopy(index, span)?.seekSeconds,
    startSeconds: span.startFrame === 0 ? time(0) : between(span.startFrame),
    endSeconds: whole ? undefined : between(span.endFrame),
  };
}
