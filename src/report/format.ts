/** Frames per second of a ratio, `24000/1001`, as a number, e.g. 23.976; for display and axes only. */
export function fpsNumber(fps: string): number {
  const [frames = 1, seconds = 1] = fps.split('/').map(Number);
  return frames / seconds;
}

/** e.g. `24 fps`, `23.976 fps`. */
export function fpsText(fps: string): string {
  return `${Number(fpsNumber(fps).toFixed(3))} fps`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** SMPTE non-drop timecode HH:MM:SS:FF of a frame number; counts whole frames at the nominal rate (24 for 23.976). */
export function timecode(frame: number, fps: string): string {
  const nominal = Math.ceil(fpsNumber(fps));
  const total = Math.floor(frame / nominal);
  const hours = Math.floor(total / 3600);
  return `${two(hours)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}:${two(frame % nominal)}`;
}

/** A position or duration on a clock, e.g. `0:07`, `12:30`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A stretch of time with its unit, e.g. `0.4 s`, `12 s`, `3 min 20 s`, `5 h 07 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

/** 12345.6 → `12,346`; independent of the machine's locale. */
export function grouped(value: number, decimals = 0): string {
  const [whole = '0', fraction] = value.toFixed(decimals).split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** bit/s as kbit/s without the unit: `5,940`, `85.3`. */
export function kilobits(bitsPerSecond: number): string {
  const kbit = bitsPerSecond / 1000;
  return grouped(kbit, kbit < 100 ? 1 : 0);
}

/** Bytes with a decimal unit, e.g. `3.42 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const decimals = unit === 0 ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(decimals)} ${units[unit] ?? ''}`;
}

/** A quality parameter without needless zeros, e.g. `23`, `23.5`. */
export function crfText(crf: number): string {
  return String(Number(crf.toFixed(2)));
}

/** `1 shot`, `5 shots`. */
export function plural(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Text from a file, made harmless for a terminal: no control characters, at most `most` characters. */
export function plainText(text: string, most = 60): string {
  const harmless = text.replaceAll(/\p{C}+/gu, ' ').trim();
  return harmless.length > most ? `${harmless.slice(0, most - 1)}…` : harmless;
}

/** Names without the words that all begin with: `h264-1080p`, `h264-720p` → `1080p`, `720p`. */
export function withoutCommonStart(names: readonly string[]): string[] {
  const words = names.map((name) => name.split(/(?<=[-_. ])/));
  const [first = []] = words;
  let common = 0;
  while (
    words.length > 1 &&
    words.every((list) => list.length > common + 1 && list[common] === first[common])
  ) {
    common += 1;
  }
  return words.map((list) => list.slice(common).join(''));
}
