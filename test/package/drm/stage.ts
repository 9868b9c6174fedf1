import { afterAll, expect } from 'vitest';
import type { RunRequest } from '../../../src/media/index.js';
import {
  type Encryption,
  type PackageParams,
  type PackageResult,
  packageStage,
  verifyStage,
} from '../../../src/package/index.js';
import { type MemoryKeys, memoryKeys } from '../../support/keys.js';
import { type TestStage, stageContext } from '../../support/stage.js';
import { freshContext } from '../support.js';
import { readSegment, sampleEntries } from './boxes.js';
import { decryptSample } from './decrypt.js';
import type { PackageReader } from './support.js';

export const SCHEMES = ['cbcs', 'cenc'] as const;

export interface DrmStage {
  stage: TestStage;
  keys: MemoryKeys;
  /** What the stages gave to the runner of processes. */
  started: RunRequest[];
  packaged(params: PackageParams): Promise<PackageResult>;
  /** What the verification of a package finds, a line each. */
  findings(params: PackageParams, result: PackageResult, service?: MemoryKeys): Promise<string[]>;
}

/** The stages that package and verify, with a key service, for the tests of one file. */
export async function drmStage(): Promise<DrmStage> {
  const keys = memoryKeys();
  const started: RunRequest[] = [];
  const plain = await stageContext({ keys });
  const { run } = plain.context;
  const watched: typeof run = (request) => {
    started.push(request);
    return run(request);
  };
  const stage = { ...plain, context: { ...plain.context, run: watched } };
  afterAll(() => stage.cleanUp());
  return {
    ...{ stage, keys, started },
    packaged: async (params) => packageStage.run(params, await freshContext(stage)),
    async findings({ videos, audios, encryption }, { files }, service = keys) {
      const context = { ...(await freshContext(stage)), keys: service };
      const params = { files, videos, audios, ...(encryption ? { encryption } : {}) };
      const { findings } = await verifyStage.run(params, context);
      return findings.map(({ code, file, message }) => `${code} ${file}: ${message}`);
    },
  };
}

export interface Rendition {
  folder: string;
  kid: string;
}

/** The folders of a package and the key of each. */
export function renditionsOf(encryption: Encryption, title: PackageParams): Rendition[] {
  const kid = (label: string): string =>
    encryption.keys.find((key) => key.label === (encryption.preset === 'single' ? 'ALL' : label))!.kid;
  return [
    ...title.videos.map(({ id, width, height }) => ({
      folder: `video/${id}`,
      kid: kid(width * height > 589_824 ? 'HD' : 'SD'),
    })),
    ...title.audios.map(({ id }) => ({ folder: `audio/${id}`, kid: kid('AUDIO') })),
  ];
}

/** Holds every sample of a package, decrypted, against those of the same title packaged in the clear. */
export async function compareSamples(
  rendition: Rendition,
  reader: PackageReader,
  clear: PackageReader,
  keys: MemoryKeys,
): Promise<{ samples: number; hidden: number; bytes: number }> {
  const { folder, kid } = rendition;
  const [entry] = sampleEntries(await reader.bytes(`${folder}/init.mp4`));
  const protection = entry!.protection!;
  const key = Buffer.from(keys.keyOf(kid), 'hex');
  const [mine, theirs] = [await reader.segments(folder), await clear.segments(folder)];
  expect(mine).toHaveLength(theirs.length);
  const total = { samples: 0, hidden: 0, bytes: 0 };
  for (const [index, segment] of mine.entries()) {
    const { description, samples } = readSegment(segment, protection.ivSize);
    const reference = readSegment(theirs[index]!, 0).samples;
    expect(samples).toHaveLength(reference.length);
    for (const [n, sample] of samples.entries()) {
      const { data, duration, flags, composition } = reference[n]!;
      expect([sample.duration, sample.flags, sample.composition]).toEqual([duration, flags, composition]);
      const opened = description === 1 ? decryptSample(sample, protection, key) : sample.data;
      expect(opened.equals(data), `${folder}, segment ${index + 1}, sample ${n}`).toBe(true);
      total.samples += 1;
      total.bytes += data.length;
      total.hidden += data.filter((byte, at) => byte !== sample.data[at]).length;
    }
  }
  return total;
}
