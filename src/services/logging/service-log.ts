import { hostname } from 'node:os';
import pino, { type DestinationStream, type Logger } from 'pino';
import { badUsage } from '../../errors.js';
import { serialiseError } from './errors.js';
import { redactJson, textRedactor } from './redact.js';
import { secretsOf } from './secrets.js';

export interface ServiceLogOptions {
  /** `control`, `worker`. */
  service: string;
  version: string;
  env: NodeJS.ProcessEnv;
  /** Fields of the moment for each line, such as the ids of the trace. */
  fields?: (() => Record<string, string>) | undefined;
  /** Standard output unless given. */
  destination?: DestinationStream;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** HULLCAST_LOG_LEVEL, `info` unless given. Throws LOG_LEVEL. */
export function logLevel(env: NodeJS.ProcessEnv): string {
  const level = env['HULLCAST_LOG_LEVEL'] || 'info';
  if (LOG_LEVELS.some((known) => known === level)) return level;
  throw badUsage(
    'LOG_LEVEL',
    `HULLCAST_LOG_LEVEL is not a level: ${JSON.stringify(level)}`,
    `Use one of ${LOG_LEVELS.join(', ')}.`,
  );
}

/**
 * The log of a process that serves: a JSON object a line, with the time in ISO 8601 and who writes it. Secrets of the
 * environment, and what is called or looks like one, are replaced in whatever is logged. Throws LOG_LEVEL.
 */
export function createServiceLog(options: ServiceLogOptions): Logger {
  const { service, version, env, fields, destination } = options;
  const redact = textRedactor(secretsOf(env));
  const settings: pino.LoggerOptions = {
    level: logLevel(env),
    base: { service, version, host: hostname(), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: serialiseError, error: serialiseError },
    // The finished line: pino's own redaction, and its formatters, do not see the fields of child loggers.
    hooks: { streamWrite: (line) => redact(`${JSON.stringify(redactJson(JSON.parse(line)))}\n`) },
    ...(fields ? { mixin: fields } : {}),
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** An error as text for people outside: its message, without secrets of the environment. */
export function publicText(env: NodeJS.ProcessEnv): (error: unknown) => string {
  const redact = textRedactor(secretsOf(env));
  return (error) => redact(error instanceof Error ? error.message : String(error));
}
