import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Reply } from './cpix-server.js';
import { cpixDeployment } from './deployment.js';
import { written } from './provider.js';

const { server, expectFailure } = await cpixDeployment();

describe('a document that is wrong', () => {
  it.each<[string, RegExp, (text: string) => string]>([
    ['base64 that is none', /PlainValue is no base64/, (text) => text.replace('PlainValue>', 'PlainValue>!')],
    [
      'two secrets',
      /Data has more than one Secret/,
      (text) => text.replace('</pskc:Secret>', '</pskc:Secret><pskc:Secret/>'),
    ],
    [
      'two lists of keys',
      /CPIX has more than one ContentKeyList/,
      (text) => text.replace('<cpix:DRMSystemList>', '<cpix:ContentKeyList/><cpix:DRMSystemList>'),
    ],
    [
      'two signals for one playlist',
      /two HLSSignalingData for one playlist/,
      (text) => text.replace('playlist="master"', 'playlist="media"'),
    ],
    ['no secret', /key SD \w+ has no value/, (text) => text.replace(/<cpix:Data>[\s\S]*?<\/cpix:Data>/, '')],
    [
      'another namespace',
      /it is no CPIX document/,
      (text) => text.replace('urn:dashif:org:cpix', 'urn:dashif:org:cpix2'),
    ],
    ['an end too early', /it is not well-formed XML/, (text) => text.slice(0, -20)],
    [
      'an undefined entity',
      /it is not well-formed XML/,
      (text) => text.replace('PlainValue>', 'PlainValue>&key;'),
    ],
    [
      'an attribute without quotes',
      /it is not well-formed XML/,
      (text) => text.replace(/kid="([^"]*)"/, 'kid=$1'),
    ],
    ['something before it', /it is not well-formed XML/, (text) => `x${text}`],
    [
      'entities that grow',
      /it has a document type/,
      (text) =>
        text
          .replace(
            '?>',
            `?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'.replaceAll(/./g, (c) => `<!ENTITY ${c} "${`&${String.fromCharCode(c.charCodeAt(0) - 1)};`.repeat(10)}">`)}]>`,
          )
          .replace('PlainValue>', 'PlainValue>&j;'),
    ],
    [
      'an entity from a file',
      /it has a document type/,
      (text) =>
        text
          .replace('?>', '?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')
          .replace('PlainValue>', 'PlainValue>&a;'),
    ],
    [
      'elements without end',
      /more elements than any that is meant seriously/,
      (text) => text.replace('<cpix:DRMSystemList>', '<x>'.repeat(100_000)),
    ],
    [
      'namespaces within namespaces',
      /more elements than any that is meant seriously/,
      (text) =>
        text.replace(
          '<cpix:DRMSystemList>',
          Array.from({ length: 5000 }, (_, i) => `<x xmlns:x${i}="u">`).join(''),
        ),
    ],
  ])('is refused: with %s', async (_, says, change) => {
    server.write = (given) => change(written(given));
    await expectFailure('KEY_SERVICE_ANSWER', says);
  });

  const answer = (reply: Reply): Reply => ({ headers: { 'content-type': 'application/xml' }, ...reply });
  it.each<[string, RegExp, Reply]>([
    ['nothing', /not well-formed/, answer({})],
    [
      'a web page',
      /is a web page: the URL may be wrong/,
      { body: '<html></html>', headers: { 'content-type': 'text/html; charset=utf-8' } },
    ],
    ['a web page that says that it is XML', /is no CPIX document/, answer({ body: '<html></html>' })],
    ['JSON', /not well-formed/, answer({ body: '{"keys":[]}' })],
    [
      'UTF-16',
      /is no UTF-8|not well-formed/,
      answer({ body: Buffer.from('\uFEFF<?xml version="1.0"?><!DOCTYPE a><a/>', 'utf16le') }),
    ],
    [
      'something compressed',
      /is compressed, unasked/,
      answer({ body: gzipSync('<a/>'), headers: { 'content-encoding': 'gzip' } }),
    ],
    ['more than a mebibyte', /longer than 1048576 bytes/, answer({ body: `<a>${' '.repeat(1 << 20)}</a>` })],
    [
      'much of which little comes',
      /longer than 1048576 bytes/,
      answer({ body: ' '.repeat(4 << 20), hang: 'body' }),
    ],
    [
      'an older SPEKE',
      /of another SPEKE than 2\.0/,
      answer({ body: '<a/>', headers: { 'x-speke-version': '1.0' } }),
    ],
    [
      'a redirect',
      /its status is 302 with a redirect, which is not followed/,
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    ],
    ['no content', /its status is 204$/, { status: 204 }],
  ])('is refused: %s', async (_, says, reply) => {
    server.next(reply);
    await expectFailure('KEY_SERVICE_ANSWER', says);
    expect(server.requests).toHaveLength(1);
  });
});
