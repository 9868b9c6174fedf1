import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../src/report/index.js';
import { readJson, writeJson } from './kept.js';
import { say } from './setting.js';
import { runTitle } from './title.js';

/** A run of `hullcast encode` whose folders stay, so that a run again takes what is there. */
export interface KeptRun {
  master: string;
  /** Folder of the title. */
  out: string;
  /** HULLCAST_HOME; runs that share one share their encodes. */
  home: string;
  flags: readonly string[];
}

export async function keptRun(run: KeptRun): Promise<{ out: string; report: Report }> {
  say(`hullcast encode ${run.flags.join(' ')}`);
  await mkdir(run.home, { recursive: true });
  const { report } = await runTitle(run);
  return { out: run.out, report };
}

/**
 * A run whose whole cost is known: made in a home of its own, in one go. A home without the report of such a run was
 * interrupted and is made anew; so is one that a newer hullcast makes another title in.
 */
export async function costedRun(
  folder: string,
  run: Omit<KeptRun, 'out' | 'home'>,
): Promise<{ out: string; report: Report; cost: Report['cost'] }> {
  const first = join(folder, 'first-report.json');
  const whole = { ...run, out: join(folder, 'title'), home: join(folder, 'home') };
  const before = await readJson<Report>(first);
  if (before) {
    const again = await keptRun(whole);
    if (sameTitle(before, again.report)) return { ...again, cost: before.cost };
    say('another title than the one whose cost is known: once more in a fresh home');
  }
  await rm(folder, { recursive: true, force: true });
  const made = await keptRun(whole);
  await writeJson(first, made.report);
  return { ...made, cost: made.report.cost };
}

/** True where two runs measured and made the same. */
export function sameTitle(a: Report, b: Report): boolean {
  const made = ({ probes, renditions, tools }: Report): string =>
    JSON.stringify([probes.length, renditions.map(({ sha256 }) => sha256), tools.hullcast, tools.ffmpeg]);
  return made(a) === made(b);
}
