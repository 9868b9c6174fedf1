import type { Problem } from '../contract/index.js';
import { PROBLEMS } from './problems.js';

/** A schema in the document's own language, JSON Schema. */
type JsonSchema = Readonly<Record<string, unknown>>;

interface Header {
  description: string;
  schema: JsonSchema;
  /** Whether it always comes; where it is not given, sometimes. */
  required?: boolean;
}
export type Headers = Readonly<Record<string, Header>>;
type Content = Readonly<Record<string, { schema: JsonSchema }>>;

export interface DocumentedAnswer {
  description: string;
  headers?: Headers;
  content?: Content;
}

/**
 * What the document says of an operation beside the schemas that Fastify checks: headers and bodies that other code reads,
 * and answers in other forms than JSON.
 */
export interface DocumentedOperation {
  /** Request headers by name; `required` is of the request then. */
  headers?: Headers;
  requestBody?: { required: boolean; content: Content };
  /** Answers by status, `default` for all others; of one that has a schema, what is added to it. */
  responses?: Readonly<Record<number, Partial<DocumentedAnswer>>> & {
    default?: Pick<DocumentedAnswer, 'headers'>;
  };
}

declare module 'fastify' {
  interface FastifySchema {
    'x-operation'?: DocumentedOperation;
  }
}

export const BINARY = { type: 'string', format: 'binary' } as const;

export const NO_STORE: Headers = {
  'Cache-Control': { description: 'no-store', schema: { type: 'string' }, required: true },
};

const PROBLEM_CONTENT: Content = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};
const SECONDS = { type: 'integer', minimum: 1 } as const;
/** Of refusals of every route. */
const PROBLEM_HEADERS: Headers = {
  'Retry-After': { description: 'seconds to wait, with 429 and 503', schema: SECONDS },
  'WWW-Authenticate': {
    description: 'what token is needed, with 401 and 403',
    schema: { type: 'string' },
  },
};
/** Of refusals of HEAD, which have no body. */
const HEAD_PROBLEM: Headers = {
  'Hullcast-Problem': { description: 'code and error id of the problem', schema: { type: 'string' } },
};

/** The answers that are these problems, one for each status, all with the same headers. */
export function refusals(
  codes: readonly Problem['code'][],
  headers: Headers,
): Record<number, DocumentedAnswer> {
  const answers: Record<number, DocumentedAnswer> = {};
  for (const code of codes) {
    const { status, title } = PROBLEMS[code]!;
    const before = answers[status];
    const description = `${before ? `${before.description}; ` : ''}${title} (\`${code}\`)`;
    answers[status] = { description, headers: { ...PROBLEM_HEADERS, ...headers }, content: PROBLEM_CONTENT };
  }
  return answers;
}

/** An operation as the generator of the document leaves it. */
interface Operation {
  'x-operation'?: DocumentedOperation;
  parameters?: unknown[];
  responses: Record<string, DocumentedAnswer>;
}
type Paths = Record<string, Record<string, Operation>>;

function completed(method: string, { 'x-operation': more = {}, ...operation }: Operation): object {
  const responses = { ...operation.responses };
  const { default: failed, ...answers } = more.responses ?? {};
  responses['default'] = {
    ...responses['default']!,
    headers: { ...PROBLEM_HEADERS, ...failed?.headers },
  };
  for (const [status, answer] of Object.entries(answers))
    responses[status] = { ...responses[status]!, ...answer };
  const headers = Object.entries(more.headers ?? {}).map(([name, header]) => ({
    in: 'header',
    name,
    ...header,
  }));
  return {
    ...operation,
    ...(headers.length === 0 ? {} : { parameters: [...(operation.parameters ?? []), ...headers] }),
    ...(more.requestBody ? { requestBody: more.requestBody } : {}),
    responses: method === 'head' ? withoutBodies(responses) : responses,
  };
}

function withoutBodies(responses: Operation['responses']): Operation['responses'] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { description, headers, content }]) => {
      const isProblem = content !== undefined && Object.hasOwn(content, 'application/problem+json');
      return [status, { description, headers: { ...headers, ...(isProblem ? HEAD_PROBLEM : {}) } }];
    }),
  );
}

/** The document with what routes say in `x-operation`. */
export function completeOperations<D extends { paths?: object }>(document: D): D {
  const paths = Object.entries((document.paths ?? {}) as Paths).map(([path, operations]) => [
    path,
    Object.fromEntries(Object.entries(operations).map(([method, one]) => [method, completed(method, one)])),
  ]);
  return { ...document, paths: Object.fromEntries(paths) as Paths };
}
