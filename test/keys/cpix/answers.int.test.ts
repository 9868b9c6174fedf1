import { describe, expect, it } from 'vitest';
import { type Case, certificateOf, cpixDeployment, request } from './deployment.js';
import { FAIRPLAY, PLAYREADY, WIDEVINE } from './demands.js';
import { type Given, psshBox } from './provider.js';

const { server, own, expectFailure } = await cpixDeployment();

describe('an answer that lacks something', () => {
  const [sd, hd] = request.keys;
  it.each<Case>([
    ['a key', new RegExp(`lacks HD ${hd!.kid}$`), (given) => given.keys.splice(1, 1)],
    ['two keys', new RegExp(`lacks SD ${sd!.kid}; HD ${hd!.kid}$`), (given) => given.keys.splice(0, 2)],
    [
      'the right key id',
      new RegExp(`lacks SD ${sd!.kid}$`),
      ({ keys }) => (keys[0]!.kid = '00000000-0000-4000-8000-000000000000'),
    ],
    ['everything', /lacks SD .*; HD .*; UHD .*; AUDIO .*$/, (given) => (given.keys = [])],
    [
      'a system',
      new RegExp(`lacks fairplay of key SD ${sd!.kid}; fairplay of key HD .*; fairplay of key AUDIO`),
      (given) => (given.systems = given.systems.filter(({ systemId }) => systemId !== FAIRPLAY)),
    ],
    [
      'a system of one key',
      new RegExp(`lacks widevine of key HD ${hd!.kid}$`),
      (given) => given.systems.splice(1, 1),
    ],
    [
      'a box',
      new RegExp(`lacks PSSH of widevine of key SD ${sd!.kid}$`),
      ({ systems }) => delete systems[0]!.elements['PSSH'],
    ],
    [
      'what goes into the MPD',
      /lacks ContentProtectionData of widevine of key SD \w+$/,
      ({ systems }) => (systems[0]!.elements['ContentProtectionData'] = ''),
    ],
    [
      'a line for HLS',
      /lacks HLSSignalingData \(master\) of widevine of key SD \w+$/,
      ({ systems }) => delete systems[0]!.elements['HLSSignalingData master'],
    ],
  ])('is refused: %s', async (_, says, change) => {
    server.change = change;
    await expectFailure('KEY_MISSING', says);
    expect(server.requests).toHaveLength(1);
  });
});

const extra = (given: Given): void => {
  given.keys.push({ ...given.keys[0]!, kid: '00000000-0000-4000-8000-000000000000' });
};

describe('an answer that is wrong', () => {
  it.each<Case>([
    ['for another title', /another content id/, (given) => (given.contentId = 'another film')],
    ['with a key too many', /keys that were not asked for/, extra],
    ['with a key twice', /it has two keys \w{32}/, ({ keys }) => keys.push(keys[0]!)],
    [
      'for another scheme',
      /key \w{32} is for another scheme than cbcs/,
      ({ keys }) => (keys[2]!.scheme = 'cenc'),
    ],
    [
      'with labels swapped',
      /uses key \w{32} for something else than SD/,
      ({ rules }) => ([rules[0]!.intendedTrackType, rules[1]!.intendedTrackType] = ['HD', 'SD']),
    ],
    [
      'with rules of other keys',
      /usage rules of keys that were not asked for/,
      ({ rules }) => (rules[0]!.kid = '00000000-0000-4000-8000-000000000000'),
    ],
    [
      'with a key too short',
      /key SD \w+ has 15 bytes instead of 16/,
      ({ keys }) => (keys[0]!.value = Buffer.alloc(15, 1)),
    ],
    [
      'with a key too long',
      /key SD \w+ has 32 bytes instead of 16/,
      ({ keys }) => (keys[0]!.value = Buffer.alloc(32, 1)),
    ],
    ['with no value', /key SD \w+ has 0 bytes/, ({ keys }) => (keys[0]!.value = Buffer.alloc(0))],
    [
      'with half an IV',
      /explicitIV of key SD \w+ is not of 16 bytes/,
      ({ keys }) => (keys[0]!.explicitIV = Buffer.alloc(8)),
    ],
    [
      'encrypted, unasked',
      /came encrypted, though there is no certificate of ours/,
      (given) => given.certificates.push(certificateOf(own)),
    ],
    [
      'with a system twice',
      /it has widevine of key SD \w+ twice/,
      ({ systems }) => systems.push(systems[0]!),
    ],
    [
      'with a box of another system',
      /PSSH of widevine of key SD \w+ is one of another system/,
      ({ systems }) => (systems[0]!.elements['PSSH'] = psshBox(PLAYREADY, Buffer.from('x'))),
    ],
    [
      'with a box that is none',
      /is no pssh box/,
      ({ systems }) => (systems[0]!.elements['PSSH'] = Buffer.alloc(40)),
    ],
    [
      'with half a box',
      /is no pssh box/,
      ({ systems }) => (systems[0]!.elements['PSSH'] = psshBox(WIDEVINE, Buffer.alloc(9)).subarray(0, -1)),
    ],
    [
      'with two boxes',
      /is no pssh box/,
      ({ systems }) =>
        (systems[0]!.elements['PSSH'] = Buffer.concat([
          psshBox(WIDEVINE, Buffer.alloc(9)),
          psshBox(WIDEVINE, Buffer.alloc(9)),
        ])),
    ],
    [
      'with another box in the MPD',
      /has another pssh than the PSSH/,
      ({ systems }) =>
        (systems[0]!.elements['ContentProtectionData'] =
          `<c:pssh xmlns:c="urn:mpeg:cenc:2013">${psshBox(WIDEVINE, Buffer.alloc(1)).toString('base64')}</c:pssh>`),
    ],
    [
      'with half an element for the MPD',
      /ContentProtectionData of widevine of key SD \w+ is not well-formed/,
      ({ systems }) => (systems[0]!.elements['ContentProtectionData'] = '</root><pssh>'),
    ],
    [
      'with a prefix that nothing explains',
      /is not well-formed/,
      ({ systems }) => (systems[0]!.elements['ContentProtectionData'] = '<cenc:pssh>AAAA</cenc:pssh>'),
    ],
    [
      'with text for the MPD',
      /is something else than elements/,
      ({ systems }) => (systems[0]!.elements['ContentProtectionData'] = '<a/>text'),
    ],
    [
      'with entities for the MPD',
      /has a document type/,
      ({ systems }) =>
        (systems[0]!.elements['ContentProtectionData'] = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ],
    [
      'with the name of a segment for HLS',
      /has lines that are neither tags nor comments/,
      ({ systems }) =>
        (systems[0]!.elements['HLSSignalingData media'] = '#EXT-X-KEY:METHOD=NONE\nhttps://elsewhere/a.mp4'),
    ],
    [
      'with a line broken by a control character',
      /has lines that are neither/,
      ({ systems }) =>
        (systems[0]!.elements['HLSSignalingData media'] = '#EXT-X-KEY:METHOD=NONE\u000bsegment.mp4'),
    ],
    [
      'with the wrong tag for HLS',
      /has no EXT-X-SESSION-KEY/,
      ({ systems }) => (systems[0]!.elements['HLSSignalingData master'] = '#EXT-X-KEY:METHOD=NONE'),
    ],
    [
      'with signalling that is no text',
      /HLSSignalingData \(media\) of widevine of key SD \w+ is no UTF-8/,
      ({ systems }) => (systems[0]!.elements['HLSSignalingData media'] = Buffer.from([0xff, 0xfe, 0x23])),
    ],
  ])('is refused: %s', async (_, says, change) => {
    server.change = change;
    await expectFailure('KEY_SERVICE_ANSWER', says);
    expect(server.requests).toHaveLength(1);
  });
});
