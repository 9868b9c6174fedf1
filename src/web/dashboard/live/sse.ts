/** A message of a stream of server-sent events. */
export interface SseMessage {
  /** The name given by `event:`; `message` where there is none. */
  event: string;
  data: string;
  /** The last id that the stream has given, by this message or one before; empty where there was none. */
  lastEventId: string;
}

export interface SseParser {
  /** Takes the next piece of the stream, cut anywhere, and gives the messages that it completes. */
  push(text: string): SseMessage[];
  /** What the server last asked for by `retry:`, milliseconds between two tries. */
  readonly retryMs: number | undefined;
}

/**
 * Reads text/event-stream as the HTML standard says (9.2.6): lines end with CR, LF or both, an empty line ends a message,
 * a colon first is a comment, and a message that the stream's end cuts off does not count.
 */
export function createSseParser(): SseParser {
  let rest = '';
  let endedWithCr = false;
  let event = '';
  let data: string[] = [];
  let lastEventId = '';
  let retryMs: number | undefined;

  function takeField(line: string): void {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
  }

  function endMessage(): SseMessage[] {
    const message = { event: event || 'message', data: data.join('\n'), lastEventId };
    const isMessage = data.length > 0;
    event = '';
    data = [];
    return isMessage ? [message] : [];
  }

  return {
    push(text) {
      // A CR at the end of the last piece has ended its line already: an LF now belongs to it.
      const next = endedWithCr && text.startsWith('\n') ? text.slice(1) : text;
      if (text !== '') endedWithCr = text.endsWith('\r');
      const lines = (rest + next).split(/\r\n|\r|\n/);
      rest = lines.pop() ?? '';
      return lines.flatMap((line) => {
        if (line === '') return endMessage();
        takeField(line);
        return [];
      });
    },
    get retryMs() {
      return retryMs;
    },
  };
}
