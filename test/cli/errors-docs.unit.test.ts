import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { STOP_EXIT } from '../../src/cli/failure.js';
import { EXIT } from '../../src/errors.js';

interface Thrown {
  code: string;
  exitCode: number;
  file: string;
}

interface Row {
  exitCode: number;
  meaning: string;
  advice: string;
}

/** Where codes are passed on, not made. */
const PASSING_ON = ['src/errors.ts', 'src/pipeline/failure.ts', 'src/services/client/problem.ts'];

const CALL = /\b(new HullcastError|masterRejected|badUsage)\(\s*(?:(['"`])(\w+)\2|([^\s,)]+))/g;

/** The arguments of a call, up to its closing bracket; brackets within texts do not occur unbalanced. */
function argumentsAt(source: string, open: number): string {
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    if (source[i] === '(') depth += 1;
    if (source[i] === ')' && --depth === 0) return source.slice(open, i);
  }
  return source.slice(open);
}

function exitCodeOf(call: string, args: string): number {
  if (call === 'masterRejected') return EXIT.masterRejected;
  if (call === 'badUsage') return EXIT.usage;
  const given = /exitCode: EXIT\.(\w+)/.exec(args)?.[1] as keyof typeof EXIT | undefined;
  return given === undefined ? EXIT.failure : EXIT[given];
}

async function sources(): Promise<{ file: string; text: string }[]> {
  const found: { file: string; text: string }[] = [];
  for (const folder of ['src', 'workers']) {
    for (const name of await readdir(resolve(folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      found.push({ file: join(folder, name), text: await readFile(resolve(folder, name), 'utf8') });
    }
  }
  return found;
}

const thrown: Thrown[] = [];
const unnamed: string[] = [];
const rows = new Map<string, Row>();

beforeAll(async () => {
  for (const { file, text } of await sources()) {
    for (const match of text.matchAll(CALL)) {
      const [, call = '', , code, other] = match;
      const args = argumentsAt(text, text.indexOf('(', match.index));
      if (code !== undefined) thrown.push({ code, exitCode: exitCodeOf(call, args), file });
      else if (!PASSING_ON.includes(file)) unnamed.push(`${file}: ${other}`);
    }
  }
  const docs = await readFile(resolve('docs/errors.md'), 'utf8');
  for (const [, code = '', exit, meaning = '', advice = ''] of docs.matchAll(
    /^\| `([A-Z_]+)` *\| (\d+) *\| (.*?) *\| (.*?) *\|$/gm,
  )) {
    expect(rows.has(code), `${code} is in docs/errors.md twice`).toBe(false);
    rows.set(code, { exitCode: Number(exit), meaning, advice });
  }
});

describe('docs/errors.md', () => {
  it('can be held against the source: every error is made with its code in plain sight', () => {
    expect(unnamed).toEqual([]);
    expect(thrown.length).toBeGreaterThan(50);
  });

  it('lists every code of the source', () => {
    const missing = [...new Set(thrown.map(({ code }) => code))].filter((code) => !rows.has(code));
    expect(missing).toEqual([]);
  });

  it('lists no code that is not in the source', () => {
    const codes = new Set(thrown.map(({ code }) => code));
    expect([...rows.keys()].filter((code) => !codes.has(code))).toEqual([]);
  });

  it('gives the exit code that the source gives', () => {
    // CANCELLED is turned into the shell's codes by the command line.
    const fromSource = thrown.filter(({ code }) => code !== 'CANCELLED');
    const wrong = fromSource.filter(({ code, exitCode }) => rows.get(code)?.exitCode !== exitCode);
    expect(wrong).toEqual([]);
    expect(rows.get('CANCELLED')?.exitCode).toBe(STOP_EXIT.SIGINT);
  });

  it('says of each what it means and what to do', () => {
    for (const [code, { meaning, advice }] of rows) {
      expect(meaning.length, code).toBeGreaterThan(5);
      expect(advice.length, code).toBeGreaterThan(5);
    }
  });

  it('codes are words in capitals; those of masters begin with MASTER_, of their texts with TEXT_', () => {
    for (const { code, exitCode } of thrown) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      const rejected = exitCode === EXIT.masterRejected;
      if (code.startsWith('MASTER_')) expect(rejected, code).toBe(true);
      else if (rejected) expect(code).toMatch(/^TEXT_/);
    }
  });
});
