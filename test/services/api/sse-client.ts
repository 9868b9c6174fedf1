import { type IncomingMessage, request } from 'node:http';

export interface SseEvent {
  event: string;
  id: string | undefined;
  data: unknown;
}

export interface SseClient {
  status: number;
  headers: IncomingMessage['headers'];
  events: SseEvent[];
  /** Everything that came, comments too. */
  text: string;
  /** Waits until there are so many events. */
  until(count: number): Promise<SseEvent[]>;
  /** Resolves when the server has ended the stream: `end` where it did so in good order. */
  ended: Promise<'end' | 'broken'>;
  /** Stops reading, and goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

function parse(block: string): SseEvent | undefined {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const event = fields.get('event');
  return event === undefined
    ? undefined
    : { event, id: fields.get('id'), data: JSON.parse(fields.get('data')!) };
}

/** Reads a stream of server-sent events. */
export function openStream(
  url: string,
  secret: string,
  headers: Record<string, string> = {},
): Promise<SseClient> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers: { authorization: `Bearer ${secret}`, ...headers } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let rest = '';
      const waiting = new Set<() => void>();
      const ended = new Promise<'end' | 'broken'>((settle) => {
        response.on('end', () => settle('end'));
        response.on('error', () => settle('broken'));
      });
      const client: SseClient = {
        ...{ status: response.statusCode ?? 0, headers: response.headers, events: [], text: '', ended },
        until: (count) =>
          new Promise((done, fail) => {
            const timer = setTimeout(() => fail(new Error(`only ${client.events.length} events`)), 20_000);
            const look = (): void => {
              if (client.events.length < count) return;
              clearTimeout(timer);
              waiting.delete(look);
              done(client.events);
            };
            waiting.add(look);
            look();
          }),
        pause: () => void response.pause(),
        resume: () => void response.resume(),
        close: () => sent.destroy(),
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        client.text += chunk;
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop()!;
        client.events.push(...blocks.map(parse).filter((event) => event !== undefined));
        for (const look of [...waiting]) look();
      });
      resolve(client);
    });
    sent.end();
  });
}
