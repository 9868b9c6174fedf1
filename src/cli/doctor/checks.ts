import { FIX, type ToolName, VMAF_MODELS } from '../../media/index.js';
import { type Facts, TOOL_NAMES } from './facts.js';

/**
 * `missing` keeps hullcast from working; `absent` is something it can do without; `passed over` is a place where a tool
 * was looked for and not taken.
 */
export type CheckState = 'ok' | 'missing' | 'absent' | 'passed over';

/** One line of doctor's answer. */
export interface Check {
  group: 'tools' | 'encoders' | 'filters' | 'models' | 'machine';
  name: string;
  state: CheckState;
  /** What was found, or why not. */
  found: string;
  /** What to do about it. */
  fix?: string;
  /** Of tools: where it was found and what it says it is. */
  tool?: { version: string | null; origin: string; path: string };
}

const GIB = 1024 ** 3;
const LEAST_FREE_BYTES = GIB;
const LEAST_NODE = [20, 19] as const;

/** Encoders that every title needs, and those of codecs that a ladder cannot be made of yet. */
const ENCODERS = {
  needed: ['libx264', 'aac'],
  optional: ['libx265', 'libsvtav1', 'libvpx-vp9', 'eac3', 'libopus', 'libfdk_aac'],
} as const;

/** What one would miss an encoder for that no free build of ffmpeg has. */
const PURPOSES: Readonly<Record<string, string>> = {
  libfdk_aac:
    'for HE-AAC (--audio-codecs aac,he-aac) set HULLCAST_FFMPEG to an ffmpeg 7 that was built with it',
};

/** Filters that the stages use. */
export const FILTERS = [
  ...[
    'libvmaf',
    'scale',
    'format',
    'trim',
    'fps',
    'select',
    'setpts',
    'settb',
    'split',
    'bwdif',
    'idet',
    'cropdetect',
  ],
  ...['blackdetect', 'freezedetect', 'silencedetect', 'ebur128'],
] as const;

function toolChecks(facts: Facts, name: ToolName): Check[] {
  const group = 'tools';
  const reports = facts.tools[name];
  const places = reports.map(({ candidate, tool, rejected }): Check => {
    const place = { group, name, tool: { version: tool?.version ?? null, ...candidate } } as const;
    if (rejected === undefined) return { ...place, state: 'ok', found: candidate.path };
    return { ...place, state: 'passed over', found: `${candidate.path}: ${rejected}` };
  });
  if (places.some(({ state }) => state === 'ok')) return places;
  const found = reports.length === 0 ? 'found nowhere' : 'none of those found can be used';
  return [...places, { group, name, state: 'missing', found, fix: FIX[name] }];
}

/** Names of one kind: those that are there in one line, as a list of twenty `ok` would hide the one that is not. */
function nameChecks(
  group: Check['group'],
  needed: boolean,
  names: readonly string[],
  has: (name: string) => boolean,
): Check[] {
  const there = names.filter(has);
  const name = needed ? 'needed' : 'others';
  const ok: Check[] = there.length > 0 ? [{ group, name, state: 'ok', found: there.join(' ') }] : [];
  const lost = names
    .filter((one) => !has(one))
    .map((one): Check => {
      const purpose = PURPOSES[one];
      const absent = `not in this ffmpeg, and not needed${purpose === undefined ? '' : `; ${purpose}`}`;
      if (!needed) return { group, name: one, state: 'absent', found: absent };
      return { group, name: one, state: 'missing', found: 'not in this ffmpeg', fix: FIX.ffmpeg };
    });
  return [...ok, ...lost];
}

function ffmpegChecks({ ffmpeg }: Facts): Check[] {
  if (!ffmpeg) return [];
  const version = ffmpeg.libvmafVersion;
  const libvmaf: Check[] =
    version === undefined ? [] : [{ group: 'models', name: 'libvmaf', state: 'ok', found: version }];
  const encoder = (name: string): boolean => ffmpeg.encoders.has(name);
  return [
    ...nameChecks('encoders', true, ENCODERS.needed, encoder),
    ...nameChecks('encoders', false, ENCODERS.optional, encoder),
    ...libvmaf,
    ...nameChecks('models', true, VMAF_MODELS, (name) => ffmpeg.models.includes(name)),
    ...nameChecks('filters', true, FILTERS, (name) => ffmpeg.filters.has(name)),
  ];
}

/** True where Node's version (`v20.20.2`) is at least the one that hullcast is written for. */
export function isNodeRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

function machineChecks({ nodeVersion, cores, home, freeBytes, chromium }: Facts): Check[] {
  const group = 'machine';
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free for ${home}`;
  return [
    isNodeRecent(nodeVersion)
      ? { group, name: 'node', state: 'ok', found: nodeVersion }
      : {
          group,
          name: 'node',
          state: 'missing',
          found: nodeVersion,
          fix: `install Node ${LEAST_NODE.join('.')} or newer`,
        },
    { group, name: 'cores', state: 'ok', found: String(cores) },
    freeBytes >= LEAST_FREE_BYTES
      ? { group, name: 'disk', state: 'ok', found: free }
      : {
          group,
          name: 'disk',
          state: 'missing',
          found: free,
          fix: 'free some space, or set HULLCAST_HOME to another disk',
        },
    chromium === undefined
      ? { group, name: 'chromium', state: 'absent', found: 'not found; only the browser tests need it' }
      : { group, name: 'chromium', state: 'ok', found: chromium },
  ];
}

/** What is there and what is not. Pure. */
export function checksOf(facts: Facts): Check[] {
  return [
    ...TOOL_NAMES.flatMap((name) => toolChecks(facts, name)),
    ...ffmpegChecks(facts),
    ...machineChecks(facts),
  ];
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** The checks as a table, a block for each group, with what to do under what is missing. */
export function checkTable(checks: readonly Check[]): string {
  const nameWidth = longest(checks.map(({ name }) => name));
  const stateWidth = longest(checks.map(({ state }) => state));
  const versionWidth = longest(checks.map(({ tool }) => tool?.version ?? ''));
  const originWidth = longest(checks.map(({ tool }) => tool?.origin ?? ''));
  const lines: string[] = [];
  checks.forEach(({ group, name, state, found, fix, tool }, index) => {
    if (group !== checks[index - 1]?.group) lines.push(...(index > 0 ? [''] : []), group);
    const place = tool
      ? `${(tool.version ?? '').padEnd(versionWidth)}  ${tool.origin.padEnd(originWidth)}  `
      : '';
    lines.push(`  ${name.padEnd(nameWidth)}  ${state.padEnd(stateWidth)}  ${place}${found}`);
    if (fix !== undefined) lines.push(`  ${' '.repeat(nameWidth)}  fix: ${fix}`);
  });
  return lines.join('\n');
}
