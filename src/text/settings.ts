import type { CueSettings } from './types.js';

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const PERCENT = /^(\d+(?:\.\d+)?)%$/;

function percentOf(text: string): number | undefined {
  const value = Number(PERCENT.exec(text)?.[1] ?? NaN);
  return value >= 0 && value <= 100 ? value : undefined;
}

const isOneOf = <T extends string>(values: readonly T[], text: string): text is T =>
  (values as readonly string[]).includes(text);

const LINE_ALIGNS = ['start', 'center', 'end'] as const;
const POSITION_ALIGNS = ['line-left', 'center', 'line-right'] as const;
const ALIGNS = ['start', 'center', 'end', 'left', 'right'] as const;

function parseLine(text: string): CueSettings['line'] {
  const [number = '', align, ...rest] = text.split(',');
  const percent = percentOf(number);
  const value = percent ?? (NUMBER.test(number) ? Number(number) : undefined);
  if (value === undefined || rest.length > 0 || (percent === undefined && !Number.isInteger(value))) {
    return undefined;
  }
  const parsed = { value: value === 0 ? 0 : value, percent: percent !== undefined };
  if (align === undefined) return parsed;
  return isOneOf(LINE_ALIGNS, align) ? { ...parsed, align } : undefined;
}

function parsePosition(text: string): CueSettings['position'] {
  const [number = '', align, ...rest] = text.split(',');
  const value = percentOf(number);
  if (value === undefined || rest.length > 0) return undefined;
  if (align === undefined) return { value };
  return isOneOf(POSITION_ALIGNS, align) ? { value, align } : undefined;
}

function parseSetting(name: string, value: string): CueSettings | undefined {
  switch (name) {
    case 'vertical':
      return value === 'rl' || value === 'lr' ? { vertical: value } : undefined;
    case 'line': {
      const line = parseLine(value);
      return line && { line };
    }
    case 'position': {
      const position = parsePosition(value);
      return position && { position };
    }
    case 'size': {
      const size = percentOf(value);
      return size === undefined ? undefined : { size };
    }
    case 'align': {
      const align = value === 'middle' ? 'center' : value; // drafts of WebVTT had that word
      return isOneOf(ALIGNS, align) ? { align } : undefined;
    }
    default:
      return undefined;
  }
}

export interface ParsedSettings {
  settings: CueSettings;
  region?: string;
  /** Settings that are none. */
  wrong: string[];
}

/** Reads what stands behind a WebVTT cue's times. */
export function parseSettings(text: string): ParsedSettings {
  const parsed: ParsedSettings = { settings: {}, wrong: [] };
  for (const word of text.split(/[ \t]+/)) {
    if (word === '') continue;
    const colon = word.indexOf(':');
    const name = word.slice(0, Math.max(0, colon));
    const value = word.slice(colon + 1);
    if (name === 'region' && value !== '') {
      parsed.region = value;
      continue;
    }
    const setting = parseSetting(name, value);
    if (setting) Object.assign(parsed.settings, setting);
    else parsed.wrong.push(word);
  }
  return parsed;
}

/** A number without needless digits; thousandths are finer than any pixel. */
const short = (value: number): string => String(Number(value.toFixed(3)));

/** Settings as they stand behind a cue's times, with a space before each. */
export function formatSettings({ vertical, line, position, size, align }: CueSettings): string {
  const aligned = (text: string, value: string | undefined): string => (value ? `${text},${value}` : text);
  return [
    vertical && `vertical:${vertical}`,
    line && aligned(`line:${short(line.value)}${line.percent ? '%' : ''}`, line.align),
    position && aligned(`position:${short(position.value)}%`, position.align),
    size !== undefined && `size:${short(size)}%`,
    align && `align:${align}`,
  ]
    .filter((text) => typeof text === 'string')
    .map((text) => ` ${text}`)
    .join('');
}
