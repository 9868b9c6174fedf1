/** Milliseconds as a WebVTT timestamp, e.g. `01:02:03.004`. */
export function formatTime(ms: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${clock}.${String(ms % 1000).padStart(3, '0')}`;
}

const STRICT = /^(?:(\d{2,6}):)?([0-5]\d):([0-5]\d)\.(\d{3})$/;
/** Hours may be missing or of one digit, fractions of any length behind a comma or a point, of three behind a colon. */
const LENIENT = /^(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,9})|:(\d{3}))?$/;

function milliseconds(match: RegExpExecArray): number {
  const [, hours = '0', minutes = '', seconds = '', fraction = match[5] ?? ''] = match;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Math.round(Number(`0.${fraction || '0'}`) * 1000);
}

/** A timestamp as WebVTT demands it, milliseconds; undefined for any other text. */
export function parseTime(text: string): number | undefined {
  const match = STRICT.exec(text);
  return match ? milliseconds(match) : undefined;
}

/** A timestamp as programs write it that are not strict; undefined where minutes or seconds exceed 59, or it is none. */
export function parseLooseTime(text: string): number | undefined {
  const match = LENIENT.exec(text);
  return match && Number(match[2]) < 60 && Number(match[3]) < 60 ? milliseconds(match) : undefined;
}
