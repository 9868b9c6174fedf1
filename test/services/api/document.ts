import Ajv2020 from 'ajv/dist/2020.js';
import { expect } from 'vitest';

interface Header {
  schema: { type?: string };
  required?: boolean;
}
export interface Answer {
  description: string;
  headers?: Record<string, Header>;
  content?: Record<string, object>;
}
export interface Operation {
  parameters?: { name: string; description?: string }[];
  responses: Record<string, Answer>;
  security?: object[];
}

/** The OpenAPI document. */
export interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** Headers that every answer may have, which are HTTP's or the same everywhere. */
const GENERAL = [
  ...['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'],
  ...['referrer-policy', 'x-content-type-options'],
];

/** Every operation, as `get /v1/titles`. */
export function operations({ paths }: Document): [name: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );
}

/** A function that fails where an answer is not as the document says of it: status, headers, type and body. */
export function answerCheck(document: Document): (name: string, response: Response) => Promise<void> {
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'doc', ...document });
  const violations = (pointer: string[], value: unknown): unknown => {
    const escaped = pointer.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const valid = ajv.validate({ $ref: `doc#/${escaped.join('/')}` }, value);
    return valid ? undefined : ajv.errors;
  };
  const checkHeaders = (
    said: string,
    response: Response,
    place: string[],
    headers: Record<string, Header>,
  ): void => {
    const known = [...GENERAL, ...Object.keys(headers).map((header) => header.toLowerCase())];
    const came: string[] = [];
    response.headers.forEach((_value, header) => came.push(header));
    expect(
      came.filter((header) => !known.includes(header)),
      said,
    ).toEqual([]);
    for (const [header, { schema, required = false }] of Object.entries(headers)) {
      const text = response.headers.get(header);
      if (text === null) expect(required, `${said} without ${header}`).toBe(false);
      else {
        const value = schema.type === 'integer' ? Number(text) : text;
        expect(violations([...place, header, 'schema'], value), `${said} ${header}`).toBeUndefined();
      }
    }
  };
  return async (name, response) => {
    const [method = '', path = ''] = name.split(' ');
    const { responses } = document.paths[path]![method]!;
    const status = String(response.status) in responses ? String(response.status) : 'default';
    const said = `${name}: ${response.status}`;
    if (status === 'default') expect(response.status, said).toBeGreaterThanOrEqual(400);
    const place = ['paths', path, method, 'responses', status];
    const { headers = {}, content } = responses[status]!;

    checkHeaders(said, response, [...place, 'headers'], headers);

    const type = response.headers.get('content-type')?.split(';')[0];
    if (type === 'text/event-stream') {
      expect(Object.keys(content ?? {}), said).toEqual([type]);
      return response.body!.cancel();
    }
    const body = Buffer.from(await response.arrayBuffer());
    if (content === undefined) return expect(body.length, said).toBe(0);
    const media = Object.keys(content).find((known) => known === type || known === '*/*');
    expect(media, `${said} is ${type}`).toBeDefined();
    const value: unknown = type?.endsWith('json') ? JSON.parse(body.toString()) : body.toString();
    expect(violations([...place, 'content', media!, 'schema'], value), said).toBeUndefined();
  };
}
