import { STATUS_CODES } from 'node:http';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { HullcastError } from '../../errors.js';
import type { Problem } from '../contract/index.js';

export interface RequestError {
  error: unknown;
  /** Fields that were refused. */
  errors?: Problem['errors'];
}

/** What the framework's own refusals are in words of the API. `large` says what was too large, for instance. */
const FRAMEWORK: Readonly<Record<string, () => HullcastError>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: () =>
    new HullcastError('JSON_MALFORMED', 'the body is no JSON', { hint: 'Send one JSON object in UTF-8.' }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () =>
    new HullcastError('JSON_MALFORMED', 'the body is empty', {
      hint: 'Send a JSON object, or leave out the header Content-Type.',
    }),
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new HullcastError('BODY_TOO_LARGE', 'the body is larger than this resource takes'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new HullcastError('MEDIA_TYPE', 'the body has a type that this resource does not take', {
      hint: 'Send application/json; bytes of uploads as application/offset+octet-stream.',
    }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new HullcastError('REQUEST_INVALID', 'the body has another length than Content-Length says'),
  FST_ERR_BAD_URL: () => new HullcastError('REQUEST_INVALID', 'the URL is not valid'),
  FST_ERR_MAX_PARAM_LENGTH: () => new HullcastError('ROUTE_NOT_FOUND', 'a part of the path is too long'),
};

/** Errors of the framework in words of the API; others as they are. */
export function requestError(error: unknown, bodyComplete: boolean): RequestError {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = (error.validationContext ?? 'body').replace('querystring', 'query');
    const errors = error.validation.map(({ instancePath, message }) => ({
      path: [where, ...instancePath.split('/').filter((part) => part !== '')].join('.'),
      message: message ?? 'not valid',
    }));
    const first = errors[0]!;
    return { error: new HullcastError('REQUEST_INVALID', `${first.path}: ${first.message}`), errors };
  }
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_HANDLER_TIMEOUT') {
    return {
      error: bodyComplete
        ? new HullcastError('HANDLER_TIMEOUT', 'the answer took too long', { transient: true })
        : requestTimeout(),
    };
  }
  const known = typeof code === 'string' ? FRAMEWORK[code] : undefined;
  if (known) return { error: known() };
  // Whatever else the framework or a plugin finds wrong with a request; its message may be about anything.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const what = STATUS_CODES[statusCode] ?? 'refused';
    return { error: new HullcastError('REQUEST_INVALID', what.toLowerCase(), { cause: error }) };
  }
  return { error };
}

export function requestTimeout(): HullcastError {
  return new HullcastError('REQUEST_TIMEOUT', 'the request did not arrive in time');
}

/** Errors of the HTTP parser, before there is a request. */
export function parserError(code: string | undefined): HullcastError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout();
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HullcastError('HEADERS_TOO_LARGE', 'the headers are larger than the server takes');
  return new HullcastError('REQUEST_INVALID', 'this is no HTTP/1.1 request');
}
