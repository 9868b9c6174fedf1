import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../src/errors.js';
import { type Run, type Tools, createRunner, findTools } from '../src/media/index.js';
import { failureText } from './failure.js';
import type { BenchFlags } from './flags.js';
import { readJson, writeJson } from './kept.js';
import { type BenchItem, benchItems, chosenItems } from './items.js';

/** What a benchmark over items works with. */
export interface BenchSetting extends BenchFlags {
  run: Run;
  tools: Tools;
  /** All items, also those that are not to be measured now. */
  items: readonly BenchItem[];
  /** Clips that are not there. */
  missing: readonly string[];
}

export const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function openSetting(flags: BenchFlags): Promise<BenchSetting> {
  const run = createRunner();
  const { items, missing } = benchItems(flags.clips);
  if (missing.length > 0) say(`not in ${flags.clips}, left out: ${missing.join(', ')}`);
  chosenItems(items, flags.only);
  return { ...flags, ...{ run, items, missing }, tools: await findTools(run) };
}

/** Folder of an item's runs and results at the preset. */
export function itemFolder({ dir, preset }: BenchFlags, item: string): string {
  return join(dir, preset, item);
}

/** What a benchmark over items is made of. */
export interface ItemBench<T> {
  /** File in an item's folder that keeps its result. */
  result: string;
  /** Measures one item; its folder is there. */
  measure: (setting: BenchSetting, item: BenchItem, folder: string) => Promise<T>;
  /** Writes what was measured so far; called after each item. */
  publish: (setting: BenchSetting) => Promise<void>;
}

/**
 * Measures the chosen items one after the other. One that fails does not stop the others. Throws BENCH_ITEMS_FAILED at
 * the end, naming those.
 */
export async function measureItems<T>(
  setting: BenchSetting,
  { result, measure, publish }: ItemBench<T>,
): Promise<void> {
  const failed: string[] = [];
  for (const item of chosenItems(setting.items, setting.only)) {
    say(`\n${item.name}: ${item.title}`);
    try {
      const folder = itemFolder(setting, item.name);
      await mkdir(folder, { recursive: true });
      await writeJson(join(folder, result), await measure(setting, item, folder));
      await publish(setting);
    } catch (error) {
      failed.push(item.name);
      say(`${item.name} failed: ${failureText(error)}`);
    }
  }
  if (failed.length === 0) return;
  throw new HullcastError('BENCH_ITEMS_FAILED', `these items failed: ${failed.join(', ')}`, {
    hint: 'The reasons are above. Run the same command again to go on: what is finished is kept.',
  });
}

/** What was measured of all items at this preset so far, in their order. */
export async function measuredResults<T>(setting: BenchSetting, file: string): Promise<T[]> {
  const found = await Promise.all(
    setting.items.map(({ name }) => readJson<T>(join(itemFolder(setting, name), file))),
  );
  return found.filter((result) => result !== undefined);
}
