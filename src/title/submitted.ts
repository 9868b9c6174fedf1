import { type FetchParams, type MasterReference } from '../ingest/index.js';
import type { BlobRef, TitleContext } from '../pipeline/index.js';
import { type TitleResult, titleFlow } from './flow.js';
import type { TitleOptions } from './options.js';

/** A title whose master lies somewhere in a store. */
export interface SubmittedTitle {
  /** The master's file name. */
  name: string;
  source: MasterReference;
  options: TitleOptions;
  externalId?: string | undefined;
  keyService?: string | undefined;
}

/** The flow of a submitted title: takes the master in, then does what `titleFlow` does. */
export async function submittedFlow(
  { source, ...title }: SubmittedTitle,
  t: TitleContext,
): Promise<TitleResult> {
  const params: FetchParams = { source };
  const blob = await t.run<BlobRef>('fetch', params);
  return titleFlow({ ...title, source: blob }, t);
}
