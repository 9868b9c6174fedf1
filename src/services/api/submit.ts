import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { MasterSource, NewTitle, Title, Token } from '../../db/index.js';
import { HullcastError } from '../../errors.js';
import { canonicalJson } from '../../pipeline/index.js';
import { parseObjectUri } from '../../storage/index.js';
import type { ApiContext } from './deps.js';
import { fileName } from './names.js';
import { queueAnswer } from './queue-limit.js';
import type { submitCheckSchema, submitSchema } from '../contract/index.js';
import { type Tus, uploadKey } from './uploads/index.js';

type Submission = z.output<typeof submitSchema>;

interface Found {
  source: MasterSource;
  /** What the master is called where the request does not say. */
  name: string;
}

async function uploaded(tus: Tus, id: string, caller: Token): Promise<Found> {
  const upload = await tus.own(id, caller);
  if (upload.finishedAt === undefined) {
    throw new HullcastError('UPLOAD_UNFINISHED', 'the upload has not all its bytes yet', {
      hint: 'Ask how far it is with HEAD, and send the rest.',
    });
  }
  return { source: { kind: 'upload', id, key: uploadKey(id), bytes: upload.bytes }, name: upload.name };
}

async function referenced({ masters, masterBuckets }: ApiContext, url: string): Promise<Found> {
  const { bucket, key } = parseObjectUri(url);
  // What the server may read, its callers may not all read.
  if (!masterBuckets.includes('*') && !masterBuckets.includes(bucket)) {
    throw new HullcastError('BUCKET_REFUSED', `masters may not come from the bucket ${bucket}`, {
      hint: 'Who runs the server can allow it with HULLCAST_MASTER_BUCKETS.',
    });
  }
  const { bytes, etag } = await masters.headObject(url);
  return { source: { kind: 's3', bucket, key, bytes, etag }, name: key };
}

async function checkCallback({ callbacks }: ApiContext, url: string): Promise<void> {
  if (!callbacks) {
    throw new HullcastError(
      'CALLBACK_REFUSED',
      'the callback URL is refused: this server sends no webhooks',
      {
        hint: 'Who runs the server can turn them on with HULLCAST_WEBHOOK_SECRET.',
      },
    );
  }
  await callbacks.check(url);
}

function optionsOf(profiles: ApiContext['profiles'], name: string): unknown {
  if (Object.hasOwn(profiles, name)) return profiles[name];
  throw new HullcastError('PROFILE_UNKNOWN', `there is no profile ${JSON.stringify(name)}`, {
    hint: `There is ${Object.keys(profiles).sort().join(', ') || 'none'}.`,
  });
}

/**
 * Looks at all of a request but its master; gives the options that its profile stands for. Throws PROFILE_UNKNOWN,
 * CALLBACK_REFUSED.
 */
export async function checkSubmission(
  context: ApiContext,
  { profile, callbackUrl }: z.output<typeof submitCheckSchema>,
): Promise<unknown> {
  const options = optionsOf(context.profiles, profile);
  if (callbackUrl !== undefined) await checkCallback(context, callbackUrl);
  return options;
}

/**
 * Makes a title of what was asked for, or gives the one that the same request with the same key made before, whatever
 * has become of its profile, its callback URL or its master since. It is in the database when this resolves; where its
 * job could not be put into the queue, the control plane does that later.
 */
export async function submitTitle(
  context: ApiContext,
  tus: Tus,
  caller: Token,
  request: Submission,
  idempotencyKey: string | undefined,
): Promise<{ title: Title; created: boolean }> {
  const requestDigest = createHash('sha256').update(canonicalJson(request)).digest('hex');
  const submission = { tokenId: caller.id, requestDigest };
  const before =
    idempotencyKey === undefined
      ? undefined
      : await context.db.titles.submitted({ ...submission, idempotencyKey });
  const made = before
    ? { title: before, created: false }
    : await context.db.titles.create({
        ...(await checked(context, tus, caller, request)),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...submission,
      });
  if (made.title.state === 'queued') await enqueue(context, made.title);
  return made;
}

/** The title that a request asks for, where nothing is wrong with it. */
async function checked(
  context: ApiContext,
  tus: Tus,
  caller: Token,
  request: Submission,
): Promise<Omit<NewTitle, 'idempotencyKey' | 'requestDigest' | 'tokenId'>> {
  const options = await checkSubmission(context, request);
  const { source, name } =
    'upload' in request.source
      ? await uploaded(tus, request.source.upload, caller)
      : await referenced(context, request.source.s3);
  const { externalId, metadata, callbackUrl } = request;
  return {
    id: randomUUID(),
    name: fileName(request.name ?? name),
    source,
    profile: request.profile,
    options,
    priority: request.priority,
    ...(externalId === undefined ? {} : { externalId }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  };
}

/** Puts a queued title's job into the queue. The database has it, so a queue that is away only delays it. */
export async function enqueue({ director, log }: ApiContext, title: Title): Promise<void> {
  try {
    await queueAnswer(director.submit(title));
  } catch (error) {
    log.warn({ err: error, title: title.id }, 'title not queued yet');
  }
}
