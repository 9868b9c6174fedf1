import { createHash } from 'node:crypto';
import type { Database, Title } from '../../db/index.js';
import { type OriginFile, publishToOrigin, removeFromOrigin } from '../../distribute/index.js';
import type { Tools } from '../../media/index.js';
import {
  type PublishedFile,
  type TitleRefs,
  blobKey,
  canonicalJson,
  writeRefs,
} from '../../pipeline/index.js';
import { type Report, reportHtml } from '../../report/index.js';
import type { ObjectStore } from '../../storage/index.js';
import {
  type TitleOptions,
  type TitleResult,
  buildReport,
  reportPictures,
  shippedFiles,
  submittedFlow,
} from '../../title/index.js';
import type { TitleMaking, UsedArtifacts } from './title-runs.js';

export interface MakingOptions {
  db: Pick<Database, 'titles'>;
  store: ObjectStore;
  tools: Tools;
  hullcastVersion: string;
  /** Name of the key service, where there is one. */
  keyService?: string | undefined;
}

const MANIFESTS = ['master.m3u8', 'manifest.mpd'];
/** Stages whose jobs count as encodes. */
const ENCODES = ['probe', 'encode'];

/** Submitted titles are made by the flow of every title, and published at the origin of the store. */
export function titleMaking(making: MakingOptions): TitleMaking<TitleResult> {
  const { db, store, tools, hullcastVersion, keyService } = making;
  return {
    // Options were resolved from a profile, and checked, when the title was submitted.
    flow: (title) => (t) => {
      const { name, source, externalId } = title;
      return submittedFlow(
        { name, source, externalId, keyService, options: title.options as TitleOptions },
        t,
      );
    },
    async publish(title, { result, totals }, used) {
      const { startedAt } = (await db.titles.get(title.id)) ?? title;
      const cost: Report['cost'] = {
        wallSeconds: startedAt === undefined ? 0 : (Date.now() - Date.parse(startedAt)) / 1000,
        cpuSeconds: totals.spent,
        encodes: ENCODES.reduce((sum, stage) => sum + (totals.computed[stage] ?? 0), 0),
        cacheHits: totals.cacheHits,
      };
      const report = buildReport(result, { tools, hullcastVersion, cost });
      const media = shippedFiles(result.packaged, result.delivery);
      const pictures = await reportPictures(result.images, (blob) => store.read(blobKey(blob)));
      const texts = [
        { path: 'report.json', text: `${JSON.stringify(report, undefined, 2)}\n` },
        { path: 'report.html', text: reportHtml(report, pictures) },
      ];
      const refs = references(title, used);
      await publishToOrigin(store, title.id, [
        { path: 'refs.json', from: { text: canonicalJson(refs) } },
        ...media.map(({ path, blob }): OriginFile => ({ path, from: { key: blobKey(blob) } })),
        ...texts.map(({ path, text }): OriginFile => ({ path, from: { text } })),
      ]);
      // When all is there: nobody shall take for damage what is only not written yet.
      const files = [...media.map(({ path, blob }) => ({ path, ...blob })), ...texts.map(textFile)];
      await writeRefs(store, { ...refs, files });
      return resultOf(report);
    },
    withdraw: (titleId) => removeFromOrigin(store, titleId),
  };
}

/** What the title is made of, for who cleans up the store (docs/operations.md). */
function references(title: Title, used: UsedArtifacts): TitleRefs {
  const records = [...used].map(([key, { stage }]) => ({ stage, key }));
  return { schemaVersion: 1, title: title.id, records, blobs: [] };
}

function textFile({ path, text }: { path: string; text: string }): PublishedFile {
  return { path, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

/** What the database keeps of a report. */
function resultOf({ title, renditions, master, cost }: Report): NonNullable<Title['result']> {
  const { frames, fps, width, height } = title;
  return {
    ...{ frames, fps, width, height },
    renditions: renditions.map(({ id, codec, width, height, averageBitrate, peakBitrate, vmaf }) => ({
      ...{ id, codec, width, height, averageBitrate, peakBitrate },
      vmaf: vmaf.mean,
    })),
    findings: master.findings.length,
    cost: {
      ...cost,
      cpuSeconds: Object.values(cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0),
    },
    manifests: MANIFESTS,
  };
}
