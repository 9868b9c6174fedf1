import pino, { type Logger } from 'pino';

type Fields = Record<string, unknown>;

/** Fields that pino or hullcast puts on every line and that say nothing to people. */
const HIDDEN = new Set(['level', 'time', 'msg', 'command', 'pid', 'hostname']);

function fieldText([name, value]: [string, unknown]): string {
  return `${name}=${typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)}`;
}

/**
 * One line of pino's JSON as text: `debug process ended exitCode=0`, and a command on a line of its own, as it is, so
 * that it can be pasted into a shell.
 */
export function logText(json: string): string {
  const line = JSON.parse(json) as Fields & { level: number; msg?: string; command?: string };
  const level = pino.levels.labels[line.level] ?? String(line.level);
  const fields = Object.entries(line).filter(([name, value]) => !HIDDEN.has(name) && value !== undefined);
  const words = [level, ...(line.msg === undefined ? [] : [line.msg]), ...fields.map(fieldText)];
  return `${words.join(' ')}${line.command === undefined ? '' : `\n  $ ${line.command}`}`;
}

/** A logger that gives text to `write`: warnings and worse, or everything from debug up. */
export function createLog(verbose: boolean, write: (text: string) => void): Logger {
  return pino(
    { level: verbose ? 'debug' : 'warn', base: null },
    { write: (json: string) => write(logText(json)) },
  );
}
