/** What is known of titles, as every implementation of the seam keeps it. Times are ISO 8601 in UTC. */

/** Queued until its flow first runs; cancelling until its jobs have ended. The last three are ends. */
export const TITLE_STATES = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;
export type TitleState = (typeof TITLE_STATES)[number];

/** Where the master's bytes are: an object of the own store (a finished upload), or one of another bucket. */
export type MasterSource =
  | {
      kind: 'upload';
      /** Of the upload, which stays as long as a title names it. */
      id: string;
      /** Key in the object store. */
      key: string;
      bytes: number;
    }
  | {
      kind: 's3';
      bucket: string;
      key: string;
      bytes: number;
      /** Entity tag when it was submitted: another one later means that the object has changed. */
      etag: string;
    };

/** Why a title failed, as the API tells it. */
export interface TitleError {
  code: string;
  message: string;
  hint?: string;
}

/** What came out of a title. */
export interface TitleResult {
  frames: number;
  fps: string;
  width: number;
  height: number;
  renditions: {
    id: string;
    codec: string;
    width: number;
    height: number;
    averageBitrate: number;
    peakBitrate: number;
    vmaf: number;
  }[];
  findings: number;
  cost: { wallSeconds: number; cpuSeconds: number; encodes: number; cacheHits: number };
  /** Paths below the title's files. */
  manifests: string[];
}

/** What is said of a title when it is submitted. */
export interface NewTitle {
  id: string;
  /** The master's file name. */
  name: string;
  source: MasterSource;
  /** Name of the profile, and the options it stands for at that moment (plain JSON). */
  profile: string;
  options: unknown;
  /** 0 (backfill) to 9 (tonight); titles of a higher one go first. */
  priority: number;
  externalId?: string;
  metadata?: Record<string, string>;
  callbackUrl?: string;
  /** With the token that used it: the same key gives the same title. */
  idempotencyKey?: string;
  /** Digest of the submitted request: the same key with another request is refused. */
  requestDigest: string;
  tokenId: string;
}

/** What tells a request from others that were submitted. */
export type Submission = Required<Pick<NewTitle, 'tokenId' | 'idempotencyKey' | 'requestDigest'>>;

export interface Title extends Omit<NewTitle, 'requestDigest'> {
  state: TitleState;
  /** Counts retries, from 1. */
  attempt: number;
  createdAt: string;
  updatedAt: string;
  startedAt?: string;
  finishedAt?: string;
  error?: TitleError;
  result?: TitleResult;
}

export interface TitleFilter {
  states?: readonly TitleState[];
  externalId?: string;
  /** Titles after the one that this cursor names (newest first); CURSOR_INVALID where it is none of ours. */
  cursor?: string;
  /** 1 to 200; RangeError else. */
  limit: number;
}

/** One for each change of a title's state: submitted and retried to queued, published to done. */
export const EVENT_TYPES = [
  'title.submitted',
  'title.started',
  'title.published',
  'title.failed',
  'title.cancelling',
  'title.cancelled',
  'title.retried',
  'title.deleted',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Something that happened, kept for who asks later; written in the transaction that made it true. */
export interface TitleEvent {
  /** Ascending in the order of commits: who reads on after the last id it saw misses none. Not without gaps. */
  id: number;
  type: EventType;
  titleId: string;
  at: string;
  /** The title as it was then, for consumers that keep no state. */
  data: Title;
}

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One event on its way to one callback URL. */
export interface Delivery {
  id: number;
  eventId: number;
  titleId: string;
  type: EventType;
  url: string;
  state: DeliveryState;
  /** Requests made in vain or with success since it was written or replayed. */
  attempts: number;
  /** When it is due; of one that somebody has taken, when that lease ends. */
  nextAttemptAt: string;
  lastStatus?: number;
  lastError?: string;
  deliveredAt?: string;
  /** When the event happened. */
  at: string;
  /** The event's data: what is sent. */
  data: Title;
}

/** A delivery under the lease with which it was taken; one that is taken or replayed later has another. */
export type TakenDelivery = Pick<Delivery, 'id' | 'nextAttemptAt'>;

export const SCOPES = ['read', 'submit', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Token {
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
  lastUsedAt?: string;
}

/** An upload that somebody began. */
export interface Upload {
  id: string;
  name: string;
  bytes: number;
  tokenId: string;
  createdAt: string;
  /** From then on it may be removed, where no title names it. */
  expiresAt: string;
  /** Set when every byte is there. */
  finishedAt?: string;
}

/**
 * Titles and their life. Every change of state is one transaction with its event, and a delivery where the title has a
 * callback URL. A change that is made already is no change, and succeeds: after DB_UNREACHABLE, when nobody knows whether
 * the transaction was committed, it is safe to ask again. Of two that exclude each other the first one wins.
 */
export interface Titles {
  /**
   * Adds a title, or gives the one that this token's idempotency key made. Throws IDEMPOTENCY_MISMATCH where that was
   * another request, UPLOAD_MISSING where the source is an upload that there is not.
   */
  create(title: NewTitle): Promise<{ title: Title; created: boolean }>;
  /**
   * The title that this token's idempotency key made, undefined where there is none. Throws IDEMPOTENCY_MISMATCH where
   * that was another request.
   */
  submitted(submission: Submission): Promise<Title | undefined>;
  get(id: string): Promise<Title | undefined>;
  /** Newest first; `next` is the cursor of the following page. */
  list(filter: TitleFilter): Promise<{ titles: Title[]; next?: string }>;
  count(): Promise<Record<TitleState, number>>;
  /** queued → running; no change where it is running already. False where the title may not run (it ended or is ending). */
  started(id: string): Promise<boolean>;
  /**
   * running → done. False where it is something else, as when somebody cancelled it meanwhile. Of this, `failed` and
   * `cancelled`: no change, and false, where an attempt is named and the title is at another.
   */
  finished(id: string, result: TitleResult, attempt?: number): Promise<boolean>;
  /** queued or running → failed. */
  failed(id: string, error: TitleError, attempt?: number): Promise<boolean>;
  /**
   * queued, running → cancelling. Gives the title; throws TITLE_ENDED where it is done, failed or cancelled,
   * TITLE_NOT_FOUND.
   */
  requestCancel(id: string): Promise<Title>;
  /** cancelling → cancelled. */
  cancelled(id: string, attempt?: number): Promise<boolean>;
  /** failed or cancelled → queued, attempt + 1. Throws TITLE_NOT_ENDED, TITLE_DONE, TITLE_NOT_FOUND. */
  retry(id: string): Promise<Title>;
  /** Removes an ended title. Throws TITLE_NOT_ENDED. False where there is none. */
  remove(id: string): Promise<boolean>;
}

export interface Events {
  /** Events after `id`, oldest first, of one title where it is named. At most `limit`. */
  after(id: number, options: { titleId?: string; limit: number }): Promise<TitleEvent[]>;
  /** Id of the newest event, be it kept or not; 0 where there was none. */
  last(): Promise<number>;
  /** Id of the newest event that is no longer kept, 0 where there is none: who goes on after an earlier one misses some. */
  pruned(): Promise<number>;
  /**
   * Calls back soon after events were committed, by whatever process; once for several, and sometimes for none. Gives
   * what stops it. Nothing is missed: while the database is away there are no calls, and one when it is back.
   */
  changed(listener: () => void): () => void;
}

export interface Outbox {
  /**
   * Takes up to `limit` deliveries that are due, the longest due first, for `leaseSeconds`: nobody else gets them
   * meanwhile, and who dies holding them gives them back.
   */
  take(limit: number, leaseSeconds: number): Promise<Delivery[]>;
  /** No change where the delivery, as it was taken, was replayed or taken by another since: it is theirs to say then. */
  delivered(taken: TakenDelivery, status: number): Promise<void>;
  /**
   * Tried in vain; again in `retryInSeconds` (by the database's clock), or never where that is undefined. No change where
   * delivered() makes none, nor where it is delivered.
   */
  missed(
    taken: TakenDelivery,
    failure: { status?: number; error: string; retryInSeconds: number | undefined },
  ): Promise<void>;
  /** Deliveries of a title, oldest first. */
  of(titleId: string): Promise<Delivery[]>;
  /** Sends one again, whatever became of it, counting attempts anew. False where there is none. */
  replay(id: number): Promise<boolean>;
}

export interface Tokens {
  /** Keeps a token by the digest of its secret (lower-case hex SHA-256), never the secret itself. */
  create(token: {
    id: string;
    name: string;
    scopes: Scope[];
    digest: string;
    expiresAt?: string;
  }): Promise<Token>;
  /**
   * The token with this digest, and whether it is valid: neither revoked nor expired by the database's clock. Notes that
   * it was used, at most once a minute.
   */
  find(digest: string): Promise<(Token & { valid: boolean }) | undefined>;
  list(): Promise<Token[]>;
  /** False where there is none. */
  revoke(id: string): Promise<boolean>;
}

export interface Uploads {
  /** Adds an upload that may be removed in `lifetimeSeconds`. */
  create(
    upload: Pick<Upload, 'id' | 'name' | 'bytes' | 'tokenId'> & { lifetimeSeconds: number },
  ): Promise<Upload>;
  get(id: string): Promise<Upload | undefined>;
  /** Every byte is there: its lifetime begins anew, so that there is time to make a title of it. */
  finished(id: string): Promise<void>;
  /**
   * From then on there is no such upload, and its bytes are to be removed: `expired` lists it until `removed` is told. False
   * where a title names it, or, with `onlyExpired`, where its time is not over (any more): then its bytes must stay. True
   * where it is gone already.
   */
  remove(id: string, options?: { onlyExpired?: boolean }): Promise<boolean>;
  /** The bytes of an upload that was removed are gone. */
  removed(id: string): Promise<void>;
  /**
   * Ids of uploads to remove. First those whose time is over, the oldest first: unfinished ones, and finished ones that no
   * title names. Then those that were removed and whose bytes may be there still, what was not tried for longest first.
   */
  expired(limit: number): Promise<string[]>;
}

/** What of the past was removed, or would be. */
export interface Pruned {
  deliveries: number;
  events: number;
}

export interface History {
  /**
   * Removes deliveries that were made or given up so long ago, and events as old of titles that ended or were deleted as
   * long ago. What is still to be delivered stays, with its event; so does the last event of every title that there is.
   * Others may use the database meanwhile. With `dryRun` it only counts. Throws RangeError, and the signal's reason.
   */
  prune(options: { olderThanSeconds: number; dryRun?: boolean; signal?: AbortSignal }): Promise<Pruned>;
}

/**
 * Facts about titles, in PGlite or PostgreSQL. Everything throws DB_UNREACHABLE (transient) while the server is away, and
 * works again by itself when it is back. All times are the database's: clocks of those who call it do not matter.
 */
export interface Database {
  titles: Titles;
  events: Events;
  outbox: Outbox;
  history: History;
  tokens: Tokens;
  uploads: Uploads;
  /** Resolves where a trivial query succeeds. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
