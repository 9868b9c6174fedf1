import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { badUsage } from '../../errors.js';
import { REPORT_SCHEMA_VERSION, type Report, parseReport, plainText } from '../../report/index.js';

const REPORT_NAME = 'report.json';

/** A feature film's report has some 20 MB. What is larger than this is something else, and is not read. */
export const MAX_REPORT_BYTES = 256 * 1024 * 1024;

/** How much of a parser's complaint, which may quote the file, is passed on; characters. */
const MAX_COMPLAINT = 200;

const GIVE_A_REPORT = 'Give the report.json that hullcast encode wrote, or the folder it wrote with --out.';

/**
 * Reads a report: `path` is the file, or the folder of a title; `label` names it in errors. The content is not trusted.
 * Throws CHECK_NO_REPORT (nothing to read), CHECK_NOT_A_REPORT (something else) and CHECK_REPORT_VERSION.
 */
export async function readReport(path: string, label: string): Promise<Report> {
  const stats = await statOf(path, label, 'does not exist');
  if (!stats.isDirectory()) return readFrom(path, label, stats);
  const inside = join(path, REPORT_NAME);
  const shown = join(label, REPORT_NAME);
  return readFrom(inside, shown, await statOf(inside, shown, 'does not exist: the folder holds no title'));
}

async function readFrom(file: string, label: string, stats: Stats): Promise<Report> {
  // Looked at before the file is opened: opening a named pipe would wait for a writer without end.
  if (!stats.isFile()) throw badUsage('CHECK_NO_REPORT', `${label} is not a file`, GIVE_A_REPORT);
  if (stats.size > MAX_REPORT_BYTES) {
    const megabytes = Math.round(stats.size / 1e6);
    throw badUsage('CHECK_NOT_A_REPORT', `${label} has ${megabytes} MB, which no report has`, GIVE_A_REPORT);
  }
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(cause, label, 'does not exist');
  });
  return reportOf(text, label);
}

async function statOf(path: string, label: string, absent: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw unreadable(cause, label, absent);
  }
}

function unreadable(cause: unknown, label: string, absent: string): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const why = code === 'ENOENT' ? absent : `cannot be read (${code})`;
  return badUsage('CHECK_NO_REPORT', `${label} ${why}`, GIVE_A_REPORT);
}

/** The report in a text. Pure. Throws CHECK_NOT_A_REPORT and CHECK_REPORT_VERSION. */
export function reportOf(text: string, label: string): Report {
  const json = explained(label, 'is not JSON: ', () => JSON.parse(text) as unknown);
  const version = versionOf(json);
  if (version !== undefined && version !== REPORT_SCHEMA_VERSION) {
    throw badUsage(
      'CHECK_REPORT_VERSION',
      `${label} is a report of version ${version}, and this hullcast reads version ${REPORT_SCHEMA_VERSION}`,
      'Make both reports with the same version of hullcast: encode the clip of the baseline again.',
    );
  }
  return explained(label, 'is ', () => parseReport(json));
}

/** The schema version that something claims to have, where it claims one. */
function versionOf(json: unknown): number | undefined {
  if (typeof json !== 'object' || json === null || !('schemaVersion' in json)) return undefined;
  return typeof json.schemaVersion === 'number' ? json.schemaVersion : undefined;
}

/** What both parsers complain about is the file, so their errors become one of it; their words may quote it. */
function explained<T>(label: string, lead: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const complaint = plainText((cause as Error).message, MAX_COMPLAINT);
    throw badUsage('CHECK_NOT_A_REPORT', `${label} ${lead}${complaint}`, GIVE_A_REPORT);
  }
}
