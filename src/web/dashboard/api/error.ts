import type { Problem } from '../../../services/contract/schema.js';

/** A request that did not give what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    message: string,
    /** What the server says about it (RFC 9457), where it does. */
    readonly problem?: Problem,
  ) {
    super(message);
  }
}

function isProblem(body: unknown): body is Problem {
  const { code, detail } = (body ?? {}) as Partial<Problem>;
  return typeof code === 'string' && typeof detail === 'string';
}

/** The error that an answer other than 2xx stands for. */
export async function errorOf(response: Response): Promise<ApiError> {
  const fallback = `The server answered ${response.status}${response.statusText && ` ${response.statusText}`}.`;
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    // A proxy's page, or nothing at all: the status is what there is to say.
    return new ApiError(response.status, fallback);
  }
  return isProblem(body)
    ? new ApiError(response.status, body.detail, body)
    : new ApiError(response.status, fallback);
}

/** Any failure as an ApiError; what a request was stopped with is no failure: undefined. */
export function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof DOMException && error.name === 'AbortError') return undefined;
  return new ApiError(0, error instanceof Error ? error.message : String(error));
}
