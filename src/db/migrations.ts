/** One step from a version of the schema to the next. */
export interface Migration {
  /** What it is for, a few words. */
  name: string;
  /** A list of statements, run in one transaction. */
  sql: string;
}

/**
 * The steps from an empty database to schema.ts; the number of a version is how many of them were run. One that was
 * released is never changed: what it did is in databases. Control planes of the version before may still run while a step
 * is applied, so a step adds (columns that may be null or have defaults, tables, indexes) and a later release takes away.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'titles, events, deliveries, tokens, uploads',
    sql: `
CREATE TABLE hullcast.upload (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  bytes bigint NOT NULL CHECK (bytes >= 0),
  token_id text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now()),
  expires_at timestamp(3) with time zone NOT NULL,
  finished_at timestamp(3) with time zone
);
CREATE INDEX upload_expiry ON hullcast.upload (expires_at, id);

CREATE TABLE hullcast.title (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  source jsonb NOT NULL,
  upload_id text COLLATE "C" CONSTRAINT title_upload REFERENCES hullcast.upload (id),
  profile text NOT NULL,
  options jsonb,
  priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 9),
  external_id text,
  metadata jsonb,
  callback_url text,
  idempotency_key text,
  request_digest text NOT NULL,
  token_id text NOT NULL,
  state text NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'running', 'cancelling', 'done', 'failed', 'cancelled')),
  attempt integer NOT NULL DEFAULT 1 CHECK (attempt >= 1),
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now()),
  updated_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now()),
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  error jsonb,
  result jsonb
);
CREATE UNIQUE INDEX title_idempotency ON hullcast.title (token_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX title_newest ON hullcast.title (created_at DESC, id DESC);
CREATE INDEX title_by_state ON hullcast.title (state, created_at DESC, id DESC);
CREATE INDEX title_by_external_id ON hullcast.title (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX title_by_upload ON hullcast.title (upload_id) WHERE upload_id IS NOT NULL;

CREATE TABLE hullcast.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  title_id text COLLATE "C" NOT NULL,
  at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now()),
  data jsonb NOT NULL
);
CREATE INDEX event_by_title ON hullcast.event (title_id, id);

CREATE TABLE hullcast.delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id bigint NOT NULL REFERENCES hullcast.event (id),
  title_id text COLLATE "C" NOT NULL,
  url text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now()),
  last_status integer,
  last_error text,
  delivered_at timestamp(3) with time zone
);
CREATE INDEX delivery_due ON hullcast.delivery (next_attempt_at, id) WHERE state = 'pending';
CREATE INDEX delivery_by_title ON hullcast.delivery (title_id, id);

CREATE TABLE hullcast.token (
  id text PRIMARY KEY,
  name text NOT NULL,
  scopes jsonb NOT NULL,
  digest text NOT NULL UNIQUE,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now()),
  expires_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone
);
`,
  },
  {
    name: 'what is no longer kept',
    sql: `
CREATE TABLE hullcast.pruned (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  through bigint NOT NULL
);
CREATE INDEX delivery_by_event ON hullcast.delivery (event_id);
`,
  },
  {
    name: 'uploads whose bytes are still to be removed',
    sql: `
CREATE TABLE hullcast.removed_upload (
  id text COLLATE "C" PRIMARY KEY,
  tried_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds', now())
);
CREATE INDEX removed_upload_longest ON hullcast.removed_upload (tried_at, id);
`,
  },
];
