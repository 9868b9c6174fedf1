import type { ApiTitle, Submit } from '../api/index.js';
import { type FollowOptions, followTitle } from './follow.js';
import type { Connection } from './http.js';
import {
  type Submitted,
  type TitlePage,
  type TitleQuery,
  cancelTitle,
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
    submit: (request, idempotencyKey) => submitTitle(connection, request, idempotencyKey),
    title: (id) => getTitle(connection, id),
    titles: (query) => listTitles(connection, query),
    cancel: (id) => cancelTitle(connection, id),
    retry: (id) => retryTitle(connection, id),
    follow: (id, options) => followTitle(connection, id, options),
    upload: (path, options) => uploadFile(connection, path, options),
  };
}
