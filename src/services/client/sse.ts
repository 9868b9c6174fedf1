/**
 * Server-sent events (WHATWG HTML, "Interpreting an event stream"): text in, events out. It knows nothing of how the text
 * arrives, so that browsers and Node can share it.
 */

export interface SseMessage {
  /** The field `event`; `message` where there was none. */
  event: string;
  /** Its `data` lines, joined by line feeds. */
  data: string;
  /** The stream's last event id when it was dispatched: what `Last-Event-ID` should say to go on after it. */
  lastEventId: string;
}

export interface SseParser {
  /** Takes the next piece of text, cut anywhere; gives the events that it completed. */
  push(text: string): SseMessage[];
  /** The id to go on after, also where it came without an event; empty where the server gave none. */
  readonly lastEventId: string;
  /** Milliseconds to wait before connecting again, where the server said so. */
  readonly retryMs: number | undefined;
}

/** Fields of the event that is being received, as the specification names them. */
interface Buffers {
  event: string;
  data: string[];
  id: string;
}

/**
 * A parser for one connection. `lastEventId` is that of an earlier connection, which goes on to count until the server
 * gives another. What is not ended by an empty line when the connection ends is no event, and is lost on purpose.
 */
export function createSseParser(lastEventId = ''): SseParser {
  let current: Buffers = { event: '', data: [], id: lastEventId };
  let dispatchedId = lastEventId;
  let retryMs: number | undefined;
  let line = '';
  let atStart = true;
  let afterReturn = false;

  /** Dispatches at an empty line: events without data only set the last event id. */
  const dispatch = (): SseMessage[] => {
    const { event, data, id } = current;
    dispatchedId = id;
    current = { event: '', data: [], id };
    return data.length === 0 ? [] : [{ event: event || 'message', data: data.join('\n'), lastEventId: id }];
  };

  const field = (name: string, value: string): void => {
    if (name === 'event') current.event = value;
    else if (name === 'data') current.data.push(value);
    else if (name === 'id' && !value.includes('\0')) current.id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) retryMs = Number(value);
  };

  const endLine = (): SseMessage[] => {
    const text = line;
    line = '';
    if (text === '') return dispatch();
    const colon = text.indexOf(':');
    if (colon < 0) field(text, '');
    // A comment begins with the colon; its name is empty, which is no field.
    else field(text.slice(0, colon), text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1)));
    return [];
  };

  return {
    push: (piece) => {
      let text = piece;
      if (text === '') return [];
      if (atStart && text.startsWith('\uFEFF')) text = text.slice(1);
      atStart = false;
      // The line feed of a pair that was cut in two: its line ended with the carriage return.
      if (afterReturn && text.startsWith('\n')) text = text.slice(1);
      afterReturn = piece.endsWith('\r');
      const [first = '', ...others] = text.split(/\r\n|\n|\r/);
      line += first;
      return others.flatMap((next) => {
        const events = endLine();
        line = next;
        return events;
      });
    },
    get lastEventId() {
      return dispatchedId;
    },
    get retryMs() {
      return retryMs;
    },
  };
}
