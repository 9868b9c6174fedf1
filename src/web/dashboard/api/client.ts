import type { ApiDelivery, ApiTitle, Overview } from '../../../services/contract/schema.js';
import { searchText, type TitlesQuery } from '../route.js';
import type { TitlePage } from '../state/titles.js';
import { ApiError, errorOf } from './error.js';

/** The part of the API that the dashboard uses. Everything throws ApiError. */
export interface Api {
  titles(query: TitlesQuery, limit: number, signal: AbortSignal): Promise<TitlePage>;
  title(id: string, signal: AbortSignal): Promise<ApiTitle>;
  cancel(id: string): Promise<void>;
  retry(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  deliveries(id: string, signal: AbortSignal): Promise<ApiDelivery[]>;
  replay(deliveryId: number): Promise<void>;
  overview(signal: AbortSignal): Promise<Overview>;
  /** A file of a published title: `report.json`, a manifest. */
  file(id: string, path: string, signal?: AbortSignal): Promise<Response>;
  /** Opens a stream of server-sent events: of one title, or of all. Whatever the status, it is the caller's. */
  events(id: string | undefined, lastEventId: string, signal: AbortSignal): Promise<Response>;
  /** Headers that a request to the API needs. */
  headers(): Record<string, string>;
}

/** Where a title's file is, from the root of the server. */
export function filePath(id: string, path: string): string {
  return `/v1/titles/${encodeURIComponent(id)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The API with a bearer token. `onRefused` is told when the server does not know the token (any more). */
export function createApi(token: string, onRefused: () => void): Api {
  const headers = (): Record<string, string> => ({ authorization: `Bearer ${token}` });

  async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        cache: 'no-store',
        ...init,
        headers: { ...headers(), ...(init.headers as Record<string, string> | undefined) },
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, 'The server cannot be reached. Is it running, and are you online?');
    }
    if (response.status === 401) onRefused();
    return response;
  }

  async function request(method: string, path: string, signal?: AbortSignal): Promise<Response> {
    const response = await send(method, path, signal ? { signal } : {});
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  async function get<T>(path: string, signal: AbortSignal): Promise<T> {
    return (await (await request('GET', path, signal)).json()) as T;
  }

  async function act(method: 'POST' | 'DELETE', path: string): Promise<void> {
    const response = await request(method, path);
    await response.body?.cancel();
  }

  const titlePath = (id: string): string => `/v1/titles/${encodeURIComponent(id)}`;
  return {
    titles: (query, limit, signal) => get(`/v1/titles${searchText({ ...query, limit })}`, signal),
    title: (id, signal) => get(titlePath(id), signal),
    cancel: (id) => act('POST', `${titlePath(id)}/cancel`),
    retry: (id) => act('POST', `${titlePath(id)}/retry`),
    remove: (id) => act('DELETE', titlePath(id)),
    deliveries: async (id, signal) =>
      (await get<{ deliveries: ApiDelivery[] }>(`${titlePath(id)}/deliveries`, signal)).deliveries,
    replay: (deliveryId) => act('POST', `/v1/deliveries/${deliveryId}/replay`),
    overview: (signal) => get('/v1/overview', signal),
    file: (id, path, signal) => request('GET', filePath(id, path), signal),
    events: (id, lastEventId, signal) =>
      send('GET', id === undefined ? '/v1/events' : `${titlePath(id)}/events`, {
        signal,
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
        },
      }),
    headers,
  };
}
