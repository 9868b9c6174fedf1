import type { ApiTitle, Submit, SubmitCheck } from '../api/index.js';
import { type FollowOptions, followTitle } from './follow.js';
import type { Connection } from './http.js';
import {
  type Submitted,
  type TitlePage,
  type TitleQuery,
  cancelTitle,
  checkSubmit,
  getTitle,
  listTitles,
  retryTitle,
  submitTitle,
} from './titles.js';
import { type UploadOptions, type Uploaded, uploadFile } from './upload/upload.js';

/**
 * The API (`/v1`) for programs. Every method throws what the server says no with, under the server's own code, and
 * SERVER_UNREACHABLE, SERVER_TIMEOUT and SERVER_ANSWER; what may pass is tried again first, where that can do no harm.
 */
export interface Client {
  /** Throws what would be refused of a submission, whatever its master is; nothing where the server cannot tell. */
  check(submission: SubmitCheck): Promise<void>;
  submit(request: Submit, idempotencyKey: string): Promise<Submitted>;
  title(id: string): Promise<ApiTitle>;
  titles(query: TitleQuery): Promise<TitlePage>;
  cancel(id: string): Promise<ApiTitle>;
  retry(id: string): Promise<ApiTitle>;
  /** The title at its end. */
  follow(id: string, options?: FollowOptions): Promise<ApiTitle>;
  upload(path: string, options: UploadOptions): Promise<Uploaded>;
}

export function createClient(connection: Connection): Client {
  return {
    check: (submission) => checkSubmit(connection, submission),
    submit: (request, idempotencyKey) => submitTitle(connection, request, idempotencyKey),
    title: (id) => getTitle(connection, id),
    titles: (query) => listTitles(connection, query),
    cancel: (id) => cancelTitle(connection, id),
    retry: (id) => retryTitle(connection, id),
    follow: (id, options) => followTitle(connection, id, options),
    upload: (path, options) => uploadFile(connection, path, options),
  };
}
