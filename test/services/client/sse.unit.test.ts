import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SseMessage, createSseParser } from '../../../src/services/client/sse.js';

function parse(pieces: readonly string[], lastEventId?: string) {
  const parser = createSseParser(lastEventId);
  const events = pieces.flatMap((piece) => parser.push(piece));
  return { events, lastEventId: parser.lastEventId, retryMs: parser.retryMs };
}

const event = (data: string, more: Partial<SseMessage> = {}): SseMessage => ({
  ...{ event: 'message', data, lastEventId: '' },
  ...more,
});

describe('the examples of the specification', () => {
  it.each<[string, string, SseMessage[]]>([
    ['several lines of data', 'data: YHOO\ndata: +2\ndata: 10\n\n', [event('YHOO\n+2\n10')]],
    [
      'a comment, an id, an id that is taken back, a space that counts',
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
      [event('first event', { lastEventId: '1' }), event('second event'), event(' third event')],
    ],
    ['empty data, and a block that is not ended', 'data\n\ndata\ndata\n\ndata:', [event(''), event('\n')]],
    ['with and without a space', 'data:test\n\ndata: test\n\n', [event('test'), event('test')]],
    [
      'types',
      'event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n',
      [event('73857293', { event: 'add' }), event('2153', { event: 'remove' })],
    ],
  ])('%s', (_, text, events) => {
    expect(parse([text]).events).toEqual(events);
  });
});

describe('a stream', () => {
  it('takes any of the three line ends, mixed, also cut between CR and LF', () => {
    const events = [event('a\nb'), event('c')];
    expect(parse(['data:a\r\ndata:b\r\n\r\ndata:c\r\r']).events).toEqual(events);
    expect(parse(['data:a\r', '\ndata:b\r', '\n\r', '\ndata:c\r', '\r']).events).toEqual(events);
  });

  it('begins with a byte order mark or not', () => {
    expect(parse(['\uFEFFdata:a\n\n']).events).toEqual([event('a')]);
    expect(parse(['data:a\n\n\uFEFFdata:b\n\n']).events).toEqual([event('a')]);
  });

  it('keeps an id for later events, takes one without an event, and refuses one with NUL', () => {
    const { events, lastEventId } = parse(['id:7\ndata:a\n\ndata:b\n\nid:9\n\nid:1\0\n\n']);
    expect(events).toEqual([event('a', { lastEventId: '7' }), event('b', { lastEventId: '7' })]);
    expect(lastEventId).toBe('9');
  });

  it('has an id only when its event is complete', () => {
    expect(parse(['id:7\ndata:a\n\nid:8\ndata:b\n']).lastEventId).toBe('7');
  });

  it('goes on with the id of an earlier connection', () => {
    expect(parse(['data:a\n\n'], '41')).toMatchObject({
      events: [event('a', { lastEventId: '41' })],
      lastEventId: '41',
    });
  });

  it('says how long to wait, where it is digits', () => {
    expect(parse(['retry: 2500\n']).retryMs).toBe(2500);
    expect(parse(['retry: 2500\nretry: 1e9\nretry: -1\nretry\n']).retryMs).toBe(2500);
    expect(parse(['data:a\n\n']).retryMs).toBeUndefined();
  });

  it('forgets the type of an event that had no data', () => {
    expect(parse(['event:x\n\ndata:a\n\n']).events).toEqual([event('a')]);
  });

  it('takes no field by another name, or by the same in other case', () => {
    expect(parse(['Data:a\n data:b\ndate:c\ndata:d\n\n']).events).toEqual([event('d')]);
  });
});

/** Pieces of streams in which something can go wrong. */
const fragment = fc.constantFrom(
  ...['data', 'event', 'id', 'retry', ':', ': ', ' ', '\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\0', '\uFEFF'],
  ...['7', 'x', 'data: a\n', 'id: 3\n', 'event: title\n', '🎬'],
);
const stream = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(''));

/** Cuts a text at these places (each a fraction of its length). */
function cut(text: string, places: readonly number[]): string[] {
  const at = [
    0,
    ...places.map((place) => Math.floor(place * text.length)).sort((a, b) => a - b),
    text.length,
  ];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

describe('properties', () => {
  it('any cutting gives the same', () => {
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(stream, places, (text, at) => {
        expect(parse(cut(text, at))).toEqual(parse([text]));
        expect(parse(Array.from(text))).toEqual(parse([text]));
      }),
      { numRuns: 500 },
    );
  });

  it('what is written comes back, whatever the line ends', () => {
    const lineText = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[\r\n\0]/.test(text));
    const sent = fc.array(
      fc.record({
        type: lineText,
        lines: fc.array(lineText, { minLength: 1, maxLength: 3 }),
        id: fc.option(lineText, { nil: undefined }),
        comment: fc.option(lineText, { nil: undefined }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(sent, fc.infiniteStream(fc.constantFrom('\n', '\r', '\r\n')), (events, ends) => {
        let text = '';
        const write = (line: string): void => void (text += line + ends.next().value);
        let lastEventId = '';
        const expected = events.map(({ type, lines, id, comment }) => {
          if (comment !== undefined) write(`:${comment}`);
          write(`event: ${type}`);
          if (id !== undefined) write(`id: ${(lastEventId = id)}`);
          for (const line of lines) write(`data: ${line}`);
          // A lone LF here would join a CR before it to one line end.
          if (text.endsWith('\r')) text += '\r';
          else write('');
          return { event: type || 'message', data: lines.join('\n'), lastEventId };
        });
        expect(parse([text]).events).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
