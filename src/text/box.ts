import type { CueAlign, CueSettings } from './types.js';

/** A rectangle that text is laid out in, percent of the picture, and where in it the text lies. */
export interface TextBox {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Which of the box's edges the text is at. */
  vertical: 'top' | 'middle' | 'bottom';
  align: CueAlign;
}

/** Text whose box ends below this, percent, is where players put text by themselves. */
const BOTTOM = 80;
/** Boxes at least this wide are as wide as players make them by themselves, percent. */
const WIDE = 60;

const percent = (value: number): number => Number(Math.min(100, Math.max(0, value)).toFixed(3));

function lineOf({ top, height, vertical }: TextBox): CueSettings['line'] {
  switch (vertical) {
    case 'top':
      return { value: percent(top), percent: true };
    case 'middle':
      return { value: percent(top + height / 2), percent: true, align: 'center' };
    case 'bottom': {
      const bottom = top + height;
      return bottom > BOTTOM ? undefined : { value: percent(bottom), percent: true, align: 'end' };
    }
  }
}

/**
 * Cue settings that put text where a box would. Text at the bottom of the picture gets none for its line: players then
 * keep cues from covering each other and their own controls.
 */
export function boxSettings(box: TextBox): CueSettings {
  const { left, width, align } = box;
  const line = lineOf(box);
  const atLeft = align === 'start' || align === 'left';
  const atRight = align === 'end' || align === 'right';
  const position = percent(atLeft ? left : atRight ? left + width : left + width / 2);
  const usual = !atLeft && !atRight && Math.abs(position - 50) < 0.5;
  return {
    ...(line ? { line } : {}),
    ...(usual ? {} : { position: { value: position } }),
    ...(usual && width >= WIDE ? {} : { size: percent(width) }),
    ...(align === 'center' ? {} : { align }),
  };
}
