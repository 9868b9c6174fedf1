import type { JSX } from 'preact';

/** A bar that is filled to a share, 0..1. For the eye only: say the same in words beside it. */
export function Bar({ share, condition }: { share: number; condition?: string }): JSX.Element {
  return (
    <span class="bar" data-condition={condition} aria-hidden="true">
      {/* A transform: the browser need not lay the page out again. */}
      <span class="bar-fill" style={{ transform: `scaleX(${share.toFixed(4)})` }} />
    </span>
  );
}
