import { z } from 'zod';

/** The JSON of the API, `/v1`: what servers check, clients read and the OpenAPI document shows. */

const time = z.iso.datetime().describe('ISO 8601, UTC');

export const problemSchema = z
  .object({
    type: z.string().describe('URI of the kind of problem: https://hullcast.dev/problems/<code>'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().describe('stable, UPPER_SNAKE_CASE'),
    hint: z.string().optional(),
    errorId: z.string().describe('also in the log of the server'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('fields that were refused'),
  })
  .describe('RFC 9457 problem details');

export const submitSchema = z.strictObject({
  source: z
    .union([
      z.strictObject({ upload: z.string().describe('id of a finished upload') }),
      z.strictObject({ s3: z.string().describe('s3://bucket/key') }),
    ])
    .describe('where the master is'),
  name: z.string().min(1).max(255).optional().describe("file name; the upload's or the key's unless given"),
  profile: z.string().default('default').describe('name of a profile in the configuration of the server'),
  priority: z.number().int().min(0).max(9).default(5).describe('9 goes first, 0 is the backfill'),
  externalId: z.string().min(1).max(200).optional(),
  metadata: z.record(z.string().max(64), z.string().max(1024)).optional(),
  callbackUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('gets a signed POST for every event of the title'),
});

/** What can be looked at before there is a master. */
export const submitCheckSchema = submitSchema.omit({ source: true });

export const titleSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']),
  profile: z.string(),
  priority: z.number().int(),
  attempt: z.number().int(),
  externalId: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  callbackUrl: z.string().optional(),
  createdAt: time,
  updatedAt: time,
  startedAt: time.optional(),
  finishedAt: time.optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  result: z
    .object({
      frames: z.number().int(),
      fps: z.string(),
      width: z.number().int(),
      height: z.number().int(),
      renditions: z.array(
        z.object({
          id: z.string(),
          codec: z.string(),
          width: z.number().int(),
          height: z.number().int(),
          averageBitrate: z.number().describe('bit/s'),
          peakBitrate: z.number().describe('bit/s'),
          vmaf: z.number().describe('mean over all frames'),
        }),
      ),
      findings: z.number().int(),
      cost: z.object({
        wallSeconds: z.number(),
        cpuSeconds: z.number(),
        encodes: z.number().int(),
        cacheHits: z.number().int(),
      }),
      manifests: z.array(z.string()).describe('paths below /v1/titles/{id}/files/'),
    })
    .optional(),
});

export const titlePageSchema = z.object({ titles: z.array(titleSchema), next: z.string().optional() });

/** How far each stage of a running title is; stages in the order in which they first appeared. */
export const progressSchema = z.object({
  titleId: z.string(),
  stages: z.array(
    z.object({
      stage: z.string(),
      jobs: z.number().int().describe('jobs known so far'),
      done: z.number().int(),
      active: z.number().int(),
      failed: z.number().int(),
      /** Of active jobs: work done and to do, in the stage's unit (frames). */
      work: z.object({ done: z.number(), total: z.number() }).optional(),
    }),
  ),
});

/** Server-sent events: `event:` is `title` (an entry of the log, with `id:`), `progress` (live, not kept) or `gap`. */
export const eventSchema = z.object({
  id: z.number().int(),
  type: z.enum([
    'title.submitted',
    'title.started',
    'title.published',
    'title.failed',
    'title.cancelling',
    'title.cancelled',
    'title.retried',
    'title.deleted',
  ]),
  titleId: z.string(),
  at: time,
  data: titleSchema,
});

/** Some events with ids above `after`, up to `until`, are no longer kept. */
export const gapSchema = z.object({ after: z.number().int(), until: z.number().int() });

export const workerSchema = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number().int(),
  stages: z.array(z.string()),
  slots: z.number().int(),
  busy: z.number().int(),
  draining: z.boolean(),
  jobs: z.array(z.object({ title: z.string(), stage: z.string(), job: z.string(), startedAt: time })),
  version: z.string(),
  lastSeenAt: time,
});

export const queueSchema = z.object({
  stage: z.string(),
  waiting: z.number().int(),
  active: z.number().int(),
  delayed: z.number().int(),
});

/** A stage run that failed, with what a person needs to look into it. */
export const failureSchema = z.object({
  title: z.string(),
  stage: z.string(),
  job: z.string(),
  at: time,
  code: z.string(),
  message: z.string(),
  willRetry: z.boolean(),
  command: z.string().optional().describe('the command line that failed'),
  stderr: z.string().optional().describe('its last lines'),
});

export const overviewSchema = z.object({
  titles: z.record(z.string(), z.number().int()).describe('number of titles by state'),
  workers: z.array(workerSchema),
  queues: z.array(queueSchema),
  queuesUnreachable: z
    .literal(true)
    .optional()
    .describe('the queue does not answer: what waits in it is not known, and `queues` is empty'),
  failures: z.array(failureSchema).describe('the newest first, at most 50'),
});

export const deliverySchema = z.object({
  id: z.number().int(),
  eventId: z.number().int(),
  type: z.string(),
  url: z.string(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number().int(),
  nextAttemptAt: time,
  lastStatus: z.number().int().optional(),
  lastError: z.string().optional(),
  deliveredAt: time.optional(),
});

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(['read', 'submit', 'admin'])),
  createdAt: time,
  expiresAt: time.optional(),
  revokedAt: time.optional(),
  lastUsedAt: time.optional(),
});

export type Problem = z.infer<typeof problemSchema>;
export type Submit = z.input<typeof submitSchema>;
export type SubmitCheck = z.input<typeof submitCheckSchema>;
export type ApiTitle = z.infer<typeof titleSchema>;
export type ApiEvent = z.infer<typeof eventSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type Progress = z.infer<typeof progressSchema>;
export type WorkerInfo = z.infer<typeof workerSchema>;
export type QueueDepth = z.infer<typeof queueSchema>;
export type StageFailure = z.infer<typeof failureSchema>;
export type Overview = z.infer<typeof overviewSchema>;
export type ApiDelivery = z.infer<typeof deliverySchema>;
export type ApiToken = z.infer<typeof tokenSchema>;
