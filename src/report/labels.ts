import { textWidth } from './figure.js';

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface LabelRequest {
  /** Place of the mark that is labelled. */
  x: number;
  y: number;
  text: string;
}

export interface PlacedLabel extends LabelRequest {
  /** End of the text's base line next to the mark, and which end that is. */
  anchor: 'start' | 'end';
  textX: number;
  textY: number;
  box: Box;
  /** True where the text is far enough from its mark to need a line to it. */
  leader: boolean;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

const MARK_RADIUS = 9;
const PADDING = 2;

/** Places to try: left above the mark first (above a hull all is empty), then further out, then right below. */
function offsets(): (readonly [dx: number, dy: number])[] {
  const up: [number, number][] = [];
  for (let distance = 0; distance <= 120; distance += 6) {
    for (const rise of [0.5, 0.15, 1, 1.8]) up.push([-11 - distance, -5 - distance * rise]);
  }
  const down: [number, number][] = [
    [13, 4],
    [12, -6],
  ];
  for (let distance = 0; distance <= 90; distance += 6) down.push([11 + distance * 0.6, 13 + distance]);
  return [...up, ...down];
}

/**
 * Gives every mark's label a place where it covers no other label, no mark and no edge of the area. A label for which
 * there is no such place is left out.
 */
export function placeLabels(requests: readonly LabelRequest[], area: Box, size: number): PlacedLabel[] {
  const taken: Box[] = requests.map(({ x, y }) => ({
    left: x - MARK_RADIUS,
    right: x + MARK_RADIUS,
    top: y - MARK_RADIUS,
    bottom: y + MARK_RADIUS,
  }));
  const placed: PlacedLabel[] = [];
  for (const request of requests) {
    const width = textWidth(request.text, size);
    for (const [dx, dy] of offsets()) {
      const anchor = dx < 0 ? 'end' : 'start';
      const textX = request.x + dx;
      const left = anchor === 'end' ? textX - width : textX;
      const textY = request.y + dy;
      const box = {
        left: left - PADDING,
        right: left + width + PADDING,
        top: textY - size * 0.85 - PADDING,
        bottom: textY + size * 0.25 + PADDING,
      };
      const inside =
        box.left >= area.left && box.right <= area.right && box.top >= area.top && box.bottom <= area.bottom;
      if (!inside || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      placed.push({ ...request, anchor, textX, textY, box, leader: Math.hypot(dx, dy) > 22 });
      break;
    }
  }
  return placed;
}
