import { join } from 'node:path';
import { encodeStage } from '../../src/encode/index.js';
import { kept } from '../kept.js';
import { say } from '../setting.js';
import { CASES, type MemoryCase, makeSource, nameOf, paramsOf, sourceNameOf } from './case.js';
import { openLab } from './lab.js';

/** Peak resident memory of the two processes of an encode, bytes. They run one after the other. */
export interface EncodePeaks {
  encode: number;
  score: number;
}

/** Runs the encode stage as a worker does. */
async function measureEncode(one: MemoryCase): Promise<EncodePeaks> {
  const lab = await openLab();
  try {
    const blob = await lab.put(await makeSource(one));
    const { processes } = await lab.run(encodeStage, paramsOf(one, blob));
    const isScore = (args: readonly string[]): boolean => args.some((arg) => arg.includes('libvmaf'));
    const peak = (scores: boolean): number =>
      Math.max(...processes.filter(({ args }) => isScore(args) === scores).map((each) => each.peakBytes));
    return { encode: peak(false), score: peak(true) };
  } finally {
    await lab.close();
  }
}

/** All cases, with what was measured of each; what is in the folder `keptIn` already is not measured again. */
export async function measureEncodes(keptIn: string): Promise<{ one: MemoryCase; peaks: EncodePeaks }[]> {
  const measured: { one: MemoryCase; peaks: EncodePeaks }[] = [];
  for (const one of CASES) {
    const name = nameOf(one);
    say(`${name} …`);
    const from = paramsOf(one, { sha256: sourceNameOf(one), bytes: 0 });
    measured.push({
      one,
      peaks: await kept(join(keptIn, `${name}.json`), from, () => measureEncode(one)),
    });
  }
  return measured;
}
