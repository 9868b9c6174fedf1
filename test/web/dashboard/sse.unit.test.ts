import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SseMessage, createSseParser } from '../../../src/web/dashboard/live/sse.js';

function parse(...pieces: string[]): SseMessage[] {
  const parser = createSseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe('createSseParser', () => {
  it('gives name, data and id of a message at its empty line', () => {
    const parser = createSseParser();
    expect(parser.push('event: title\nid: 7\ndata: {"a":1}\n')).toEqual([]);
    expect(parser.push('\n')).toEqual([{ event: 'title', data: '{"a":1}', lastEventId: '7' }]);
  });

  it.each([
    ['no name', 'data: x\n\n', [{ event: 'message', data: 'x', lastEventId: '' }]],
    [
      'several lines of data',
      'data: a\ndata:b\ndata\n\n',
      [{ event: 'message', data: 'a\nb\n', lastEventId: '' }],
    ],
    [
      'one space is dropped, more are data',
      'data:  x\n\n',
      [{ event: 'message', data: ' x', lastEventId: '' }],
    ],
    ['a comment', ': alive\n\n', []],
    ['an unknown field', 'colour: red\ndata: x\n\n', [{ event: 'message', data: 'x', lastEventId: '' }]],
    [
      'a name without data',
      'event: title\n\ndata: x\n\n',
      [{ event: 'message', data: 'x', lastEventId: '' }],
    ],
    [
      'a message that the end cuts off',
      'data: x\n\ndata: y\n',
      [{ event: 'message', data: 'x', lastEventId: '' }],
    ],
    [
      'an id that holds NUL',
      'id: 1\ndata: x\n\nid: a\0b\ndata: y\n\n',
      [
        { event: 'message', data: 'x', lastEventId: '1' },
        { event: 'message', data: 'y', lastEventId: '1' },
      ],
    ],
    [
      'an id stays until the next one, an empty one clears it',
      'id: 1\n\ndata: x\n\nid\ndata: y\n\n',
      [
        { event: 'message', data: 'x', lastEventId: '1' },
        { event: 'message', data: 'y', lastEventId: '' },
      ],
    ],
    ['colons in data', 'data: a: b\n\n', [{ event: 'message', data: 'a: b', lastEventId: '' }]],
  ] as const)('%s', (_name, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('reads the time to wait, and no nonsense for it', () => {
    const parser = createSseParser();
    parser.push('retry: 2000\n');
    expect(parser.retryMs).toBe(2000);
    parser.push('retry: soon\nretry: -1\nretry:\n');
    expect(parser.retryMs).toBe(2000);
  });

  const word = fc.stringMatching(/^[a-z:ü ]{0,12}$/);
  const message = fc.record({
    event: fc.stringMatching(/^[a-z]{1,8}$/),
    data: fc.array(word, { minLength: 1, maxLength: 3 }),
    id: fc.nat(99),
  });

  it('reads the same whatever ends its lines and wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(), { maxLength: 12 }),
        (messages, newline, cuts) => {
          const text = messages
            .map(({ event, data, id }) =>
              [`event: ${event}`, `id: ${id}`, ...data.map((line) => `data: ${line}`), '', ''].join(newline),
            )
            .join('');
          const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
          const pieces = [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length));
          expect(pieces.join('')).toBe(text);
          expect(parse(...pieces)).toEqual(
            messages.map(({ event, data, id }) => ({
              event,
              data: data.join('\n'),
              lastEventId: String(id),
            })),
          );
        },
      ),
    );
  });
});
