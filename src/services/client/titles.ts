import {
  type ApiTitle,
  type Submit,
  type SubmitCheck,
  titlePageSchema,
  titleSchema,
} from '../contract/index.js';
import { type Connection, type Request, readAs, send } from './http.js';

/** Which titles; newest first. */
export interface TitleQuery {
  states?: readonly ApiTitle['state'][];
  externalId?: string;
  /** 1 to 200. */
  limit: number;
  /** From the page before. */
  cursor?: string;
}

export interface TitlePage {
  titles: ApiTitle[];
  /** Cursor of the next page; undefined at the end. */
  next?: string | undefined;
}

const CREATED = 201;

const titlePath = (id: string, action = ''): string => `/v1/titles/${encodeURIComponent(id)}${action}`;

async function askTitle(connection: Connection, request: Request): Promise<ApiTitle> {
  const { text } = await send(connection, request);
  return readAs(connection.server, 'title', titleSchema, text);
}

export interface Submitted {
  title: ApiTitle;
  /** False where this key had made the title before. */
  created: boolean;
}

/** Submits a master; the same key with the same request gives the same title, however often it is sent. */
export async function submitTitle(
  connection: Connection,
  submit: Submit,
  idempotencyKey: string,
): Promise<Submitted> {
  const headers = { 'idempotency-key': idempotencyKey };
  const { status, text } = await send(connection, {
    ...{ method: 'POST', path: '/v1/titles', json: submit, headers, idempotent: true },
  });
  return { title: readAs(connection.server, 'title', titleSchema, text), created: status === CREATED };
}

/** Has the server look at a submission before its master is uploaded; one that is too old to do so says nothing. */
export async function checkSubmit(connection: Connection, check: SubmitCheck): Promise<void> {
  await send(connection, {
    ...{ method: 'POST', path: '/v1/titles/check', json: check, idempotent: true },
    answers: [404, 405],
  });
}

export function getTitle(connection: Connection, id: string): Promise<ApiTitle> {
  return askTitle(connection, { method: 'GET', path: titlePath(id), idempotent: true });
}

export async function listTitles(connection: Connection, query: TitleQuery): Promise<TitlePage> {
  const { states = [], externalId, limit, cursor } = query;
  const { text } = await send(connection, {
    method: 'GET',
    path: '/v1/titles',
    query: [
      ...states.map((state): [string, string] => ['state', state]),
      ...(externalId === undefined ? [] : [['externalId', externalId] as const]),
      ['limit', String(limit)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ],
    idempotent: true,
  });
  return readAs(connection.server, 'list of titles', titlePageSchema, text);
}

/** Asks for a title's end. Sent again after a cut, it may find the title ended by the first time: TITLE_ENDED. */
export function cancelTitle(connection: Connection, id: string): Promise<ApiTitle> {
  return askTitle(connection, { method: 'POST', path: titlePath(id, '/cancel'), idempotent: true });
}

/** Queues a failed or cancelled title again. */
export function retryTitle(connection: Connection, id: string): Promise<ApiTitle> {
  return askTitle(connection, { method: 'POST', path: titlePath(id, '/retry'), idempotent: false });
}
