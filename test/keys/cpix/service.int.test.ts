import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KeyRequest, type KeySet, openKeyService, readTrail } from '../../../src/keys/index.js';
import { FileStore } from '../../../src/storage/index.js';
import { type TestCertificate, selfSigned } from '../../support/certificate.js';
import { LABELS, all, keyServiceContract, requestOf } from '../key-service.contract.js';
import { filesWithKeys, holdsKey } from '../secrets.js';
import { type CpixServer, type Reply, startCpixServer } from './cpix-server.js';
import { COMMON, FAIRPLAY, PLAYREADY, WIDEVINE } from './demands.js';
import { type Given, psshBox, written } from './provider.js';

const AUTHORIZATION = 'Basic dGVuYW50OnNlY3JldC1vZi10aGUtdGVuYW50';
/** Pauses short enough for tests; an attempt may take as long as a loaded machine needs. */
const TIMING = { attemptMs: 60_000, patienceMs: 60_000, pauseMs: 20, longestPauseMs: 100 };

let root: string;
let server: CpixServer;
let env: NodeJS.ProcessEnv;
let encrypting: NodeJS.ProcessEnv;
let own: TestCertificate;
let homes = 0;

async function file(name: string, content: string, mode = 0o600): Promise<string> {
  const path = join(root, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-cpix-'));
  own = selfSigned('hullcast packager');
  server = await startCpixServer({ authorization: AUTHORIZATION });
  env = {
    HULLCAST_KEYS: `cpix:${server.url}?tenant=7`,
    HULLCAST_CPIX_HEADERS_FILE: await file(
      'headers',
      `# of our provider\nAuthorization: ${AUTHORIZATION}\nx-api-key:  abc-123\n`,
    ),
  };
  encrypting = {
    ...env,
    HULLCAST_CPIX_CERTIFICATE_FILE: await file('own.crt', own.certificate, 0o644),
    HULLCAST_CPIX_PRIVATE_KEY_FILE: await file('own.key', own.privateKey),
  };
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});
beforeEach(() => {
  server.next();
  server.change = () => undefined;
  server.write = (given) => written(given);
  server.requests.length = 0;
});
// Whatever a test is about: the provider has nothing to say against any request.
afterEach(() => expect(server.problems).toEqual([]));

function deploy(variables: NodeJS.ProcessEnv, timing = TIMING) {
  const home = join(root, `home-${(homes += 1)}`);
  const store = new FileStore(join(home, 'store'));
  return { home, store, open: () => openKeyService(variables, { store, home, timing }) };
}

keyServiceContract('cpix, in the clear', () => Promise.resolve(deploy(env)));
keyServiceContract('cpix, with encrypted document keys', () => Promise.resolve(deploy(encrypting)));

const request = requestOf('film & "more"', LABELS);
const obtain = (more: Partial<KeyRequest> = {}, variables = env): Promise<KeySet> =>
  deploy(variables)
    .open()
    .obtain({ ...request, ...more });

const certificateOf = ({ certificate }: TestCertificate): X509Certificate => new X509Certificate(certificate);
let stranger: TestCertificate | undefined;
const somebody = (): TestCertificate => (stranger ??= selfSigned('somebody else'));

/** The request ends with that code; whatever is told of it, and whatever is kept, holds no key and no credentials. */
async function expectFailure(
  code: string,
  says: RegExp,
  {
    variables = env,
    more = {},
    timing = TIMING,
  }: {
    variables?: NodeJS.ProcessEnv;
    more?: Partial<KeyRequest>;
    timing?: typeof TIMING;
  } = {},
): Promise<void> {
  const { store, home, open } = deploy(variables, timing);
  const error: unknown = await open()
    .obtain({ ...request, ...more })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, transient: code === 'KEY_SERVICE_DOWN', hint: expect.any(String) });
  expect((error as Error).message).toMatch(says);
  const keys = request.keys.map(({ kid }) => server.keyOf('film & "more"', kid));
  const printed = inspect(error, { depth: null, showHidden: true });
  expect(holdsKey(printed, keys)).toBe(false);
  expect(printed).not.toContain(AUTHORIZATION.slice(8));
  expect(printed).not.toContain('tenant=7');
  expect(await all(readTrail(store))).toEqual([]);
  expect((await filesWithKeys(home, keys).catch(() => ({ found: [] }))).found).toEqual([]);
}

describe('a key service that speaks SPEKE 2.0', () => {
  it('is asked with the headers of SPEKE, and ours', async () => {
    await obtain();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      path: '/speke/v2.0?tenant=7',
      headers: {
        ...{ 'content-type': 'application/xml', accept: 'application/xml', 'x-speke-version': '2.0' },
        ...{ 'user-agent': 'hullcast', 'x-speke-user-agent': 'hullcast', 'x-api-key': 'abc-123' },
        authorization: AUTHORIZATION,
      },
    });
  });

  it.each([
    ['clear', () => env],
    ['encrypted', () => encrypting],
  ])('gives its own keys, %s, and what it wants players to be told', async (_, variables) => {
    const { keys, signalling } = await obtain({}, variables());
    expect(keys.map(({ key }) => key.reveal())).toEqual(
      request.keys.map(({ kid }) => server.keyOf(request.contentId, kid)),
    );
    expect(keys.every(({ iv }) => iv === undefined)).toBe(true);
    expect(signalling.map(({ system, kid }) => [kid, system])).toEqual(
      request.keys.flatMap(({ kid }) => request.systems.map((system) => [kid, system])),
    );
    const { kid } = request.keys[1]!;
    const [widevine, playready, fairplay] = signalling.filter((one) => one.kid === kid);
    const pssh = psshBox(WIDEVINE, Buffer.from(`provider ${kid}`));
    const uri = `URI="data:text/plain;base64,${pssh.toString('base64')}",KEYFORMAT="urn:uuid:${WIDEVINE}"`;
    expect(widevine).toEqual({
      ...{ system: 'widevine', kid, pssh },
      dash: `<pssh xmlns="urn:mpeg:cenc:2013">${pssh.toString('base64')}</pssh>`,
      hlsMedia: `#EXT-X-KEY:METHOD=SAMPLE-AES,${uri}`,
      hlsMaster: `#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,${uri}\n#EXT-X-OURS:${kid}`,
    });
    expect(playready).toMatchObject({
      pssh: psshBox(PLAYREADY, Buffer.from(`provider ${kid}`)),
      dash: expect.stringMatching(
        /^<pssh .*<\/pssh><mspr:pro xmlns:mspr="urn:microsoft:playready">AAAA<\/mspr:pro>$/,
      ),
    });
    expect(fairplay).toEqual({
      ...{ system: 'fairplay', kid },
      hlsMedia: `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://provider/${kid}",KEYFORMAT="com.apple.streamingkeydelivery"`,
      hlsMaster: expect.stringMatching(/^#EXT-X-SESSION-KEY:/),
    });
  });

  it('has its keys kept nowhere, only their use', async () => {
    const { home, open } = deploy(encrypting);
    const { keys } = await open().obtain(request);
    const secrets = keys.map(({ key }) => key.reveal());
    expect(await filesWithKeys(home, secrets)).toEqual({ found: [], looked: 1 });
    expect(server.requests.some(({ path, body }) => holdsKey(path + body, secrets))).toBe(false);
  });

  it('is asked once a key period, and told which', async () => {
    const keys = [3, 4].flatMap((period) => requestOf('film', ['HD', 'AUDIO'], { period }).keys);
    const set = await obtain({ keys });
    expect(set.keys.map(({ kid, period }) => [kid, period])).toEqual(
      keys.map(({ kid, period }) => [kid, period]),
    );
    expect(set.signalling).toHaveLength(12);
    expect(server.requests.map(({ body }) => /index="(\d+)"/.exec(body)![1])).toEqual(['3', '4']);
  });

  it('may want an initialisation vector of its own', async () => {
    const iv = Buffer.alloc(16, 9);
    server.change = ({ keys }) => (keys[1]!.explicitIV = iv);
    expect((await obtain()).keys.map((key) => key.iv)).toEqual([undefined, iv, undefined, undefined]);
  });

  it('need say nothing of ClearKey', async () => {
    expect((await obtain({ systems: ['clearkey', 'widevine'] })).signalling).toHaveLength(4);
    expect(server.requests[0]!.body).not.toContain(COMMON);
    server.change = (given) => (given.systems = []);
    expect(await obtain({ systems: ['clearkey'] })).toMatchObject({ keys: { length: 4 }, signalling: [] });
  });

  it.each<[string, (given: Given) => string]>([
    ['another prefix', (given) => written(given, 'ns2:')],
    ['no prefix', (given) => written(given, '')],
    [
      'key ids in capitals',
      (given) => written(given).replaceAll(/kid="[^"]*"/g, (kid) => kid.toUpperCase().replace('KID', 'kid')),
    ],
    ['lines and comments between', (given) => written(given).replaceAll('><', '>\n <!-- - -->\n<')],
    ['base64 in lines', (given) => written(given).replaceAll(/>([A-Za-z0-9+/]{20})/g, '>\n  $1\n  ')],
    ['a byte order mark', (given) => `\uFEFF${written(given)}`],
    [
      'what it need not repeat left out',
      (given) =>
        written(given)
          .replaceAll(/ (contentId|commonEncryptionScheme)="[^"]*"/g, '')
          .replace(/<cpix:ContentKeyUsageRuleList>[\s\S]*<\/cpix:ContentKeyUsageRuleList>/, ''),
    ],
  ])('may write its answer with %s', async (_, write) => {
    // A content id that needs no escapes: the answer is written without.
    const plain = requestOf('film', LABELS);
    server.write = write;
    const first = await obtain(plain);
    server.write = (given) => written(given);
    const second = await obtain(plain, encrypting);
    expect(first.signalling).toEqual(second.signalling);
    expect(first.keys.map(({ key }) => key.reveal())).toEqual(second.keys.map(({ key }) => key.reveal()));
  });

  it.each(['cpix:Key', 'bare cpix:Key', 'bare pskc:MACKey'] as const)(
    'may bring its MAC key in %s, and keys for others too',
    async (macElement) => {
      server.change = (given) => {
        given.macElement = macElement;
        given.certificates.unshift(certificateOf(somebody()));
      };
      const { keys } = await obtain({}, encrypting);
      expect(keys[0]!.key.reveal()).toEqual(server.keyOf(request.contentId, keys[0]!.kid));
    },
  );
});

describe('a key service that cannot be reached for a while', () => {
  const elapsed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };

  it('is asked again, and its keys are the same', async () => {
    server.next({ status: 500 }, { status: 503, body: 'busy' });
    const { keys } = await obtain();
    expect(server.requests).toHaveLength(3);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
    expect(keys[0]!.key.reveal()).toEqual(server.keyOf(request.contentId, keys[0]!.kid));
  });

  it.each<[string, Reply]>([
    ['is asked for too much', { status: 429, headers: { 'retry-after': '3600' } }],
    ['times out', { status: 408 }],
    ['breaks off', { body: 'x'.repeat(1000), hang: 'cut' }],
  ])('is asked again where it %s', async (_, reply) => {
    server.next(reply);
    // However long it asks to be left alone.
    expect(await elapsed(() => obtain())).toBeLessThan(20_000);
    expect(server.requests).toHaveLength(2);
  });

  it('is asked again where it does not answer in time', async () => {
    const timing = { ...TIMING, attemptMs: 1000 };
    server.next({ hang: 'all' }, { body: 'x'.repeat(1000), hang: 'body' });
    expect((await deploy(env, timing).open().obtain(request)).keys).toHaveLength(4);
    expect(server.requests).toHaveLength(3);
  });

  it('is given up after a bound, so that the job fails and can be done again', async () => {
    const timing = { ...TIMING, patienceMs: 300 };
    server.next(...Array.from({ length: 50 }, () => ({ status: 502, body: 'Bad <b>gateway</b>' })));
    const took = await elapsed(() =>
      expectFailure('KEY_SERVICE_DOWN', /answered 502: Bad gateway$/, { timing }),
    );
    expect(took).toBeLessThan(20_000);
    expect(server.requests.length).toBeGreaterThan(2);
    expect(server.requests.length).toBeLessThan(50);
  });

  it('may be away altogether', async () => {
    const gone = await startCpixServer();
    await gone.stop();
    const variables = { ...env, HULLCAST_KEYS: `cpix:${gone.url}?tenant=7` };
    const timing = { ...TIMING, patienceMs: 200 };
    await expectFailure(
      'KEY_SERVICE_DOWN',
      /cpix http:\/\/127\.0\.0\.1:\d+\) cannot be reached: .*ECONNREFUSED/,
      { variables, timing },
    );
  });

  it.each<[string, Reply]>([
    ['while it answers', { hang: 'all' }],
    ['before it is asked again', { status: 503, headers: { 'retry-after': '9' } }],
  ])('is not waited for any more %s, once a signal says so', async (_, reply) => {
    server.next(reply);
    const stop = new AbortController();
    const reason = new Error('stopped');
    const timing = { attemptMs: 60_000, patienceMs: 60_000, pauseMs: 20, longestPauseMs: 60_000 };
    setTimeout(() => stop.abort(reason), 300);
    const asked = deploy(env, timing).open().obtain(request, stop.signal);
    expect(await elapsed(() => expect(asked).rejects.toBe(reason))).toBeLessThan(20_000);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a key service that refuses', () => {
  it.each<[string, Reply, RegExp]>([
    [
      'forbids',
      { status: 403, body: '<html><head><title>x</title></head><body><h1>Not  yours</h1>\n</body></html>' },
      /answered 403: Not yours$/,
    ],
    [
      'finds fault',
      { status: 422, body: 'Malformed encryption contract' },
      /answered 422: Malformed encryption contract$/,
    ],
    ['says nothing', { status: 404 }, /answered 404$/],
    ['says much', { status: 400, body: 'no\u001b[31m '.repeat(100_000) }, /^(?!.*\u001b).{300,400}…$/],
  ])('is told so at once, where it %s', async (_, reply, says) => {
    server.next(reply);
    await expectFailure('KEY_SERVICE_REFUSED', says);
    expect(server.requests).toHaveLength(1);
  });

  it('does not have our credentials repeated', async () => {
    server.next({ status: 401, body: `wrong: ${AUTHORIZATION}, abc-123` });
    await expectFailure('KEY_SERVICE_REFUSED', /answered 401: wrong: \[secret\], \[secret\]$/);
    const variables = { ...env, HULLCAST_CPIX_HEADERS_FILE: undefined };
    await expectFailure('KEY_SERVICE_REFUSED', /answered 401: no such account: undefined$/, { variables });
  });
});

/** A change of the right answer, and what is said of it. */
type Case = [how: string, says: RegExp, change: (given: Given) => unknown];

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

describe('an answer with encrypted keys', () => {
  const flipped = (at: number) => (cipher: Buffer) => {
    const changed = Buffer.from(cipher);
    changed[at]! ^= 1;
    return changed;
  };
  it.each<Case>([
    ['whose IV was changed', /the MAC of key SD \w+ is wrong/, ({ keys }) => (keys[0]!.tamper = flipped(0))],
    [
      'whose key was changed',
      /the MAC of key SD \w+ is wrong/,
      ({ keys }) => (keys[0]!.tamper = flipped(20)),
    ],
    [
      'whose padding was changed',
      /the MAC of key SD \w+ is wrong/,
      ({ keys }) => (keys[0]!.tamper = flipped(47)),
    ],
    [
      'whose end is missing',
      /the MAC of key SD \w+ is wrong/,
      ({ keys }) => (keys[0]!.tamper = (cipher) => cipher.subarray(0, 32)),
    ],
    [
      'that is empty',
      /key SD \w+ has no encrypted value/,
      ({ keys }) => (keys[0]!.tamper = () => Buffer.alloc(0)),
    ],
    [
      'with a key in the clear',
      /key HD \w+ came in the clear, though it was to be encrypted/,
      ({ keys }) => (keys[1]!.plain = true),
    ],
    [
      'all in the clear',
      /nothing in it is encrypted for the certificate/,
      (given) => (given.certificates = []),
    ],
    [
      'for somebody else',
      /nothing in it is encrypted for the certificate/,
      (given) => (given.certificates = [certificateOf(somebody())]),
    ],
    [
      'with less than an IV',
      /key SD \w+ cannot be decrypted/,
      ({ keys }) => (keys[0]!.cipher = Buffer.alloc(8, 1)),
    ],
    [
      'with half a block',
      /key SD \w+ cannot be decrypted/,
      ({ keys }) => (keys[0]!.cipher = Buffer.alloc(40, 1)),
    ],
    [
      'with another document key than it used',
      /key SD \w+ cannot be decrypted|has \d+ bytes instead of 16/,
      (given) => (given.toldKey = Buffer.alloc(32, 3)),
    ],
    [
      'with half a document key',
      /document key or MAC key has a wrong length/,
      (given) => (given.toldKey = given.toldKey.subarray(16)),
    ],
    [
      'with RSA in an old way',
      /its document key is not encrypted by RSA-OAEP-MGF1-SHA1/,
      ({ algorithms }) => (algorithms.rsa = 'http://www.w3.org/2001/04/xmlenc#rsa-1_5'),
    ],
    [
      'with another cipher',
      /key SD \w+ is not encrypted by AES-256-CBC/,
      ({ algorithms }) => (algorithms.aes = 'http://www.w3.org/2009/xmlenc11#aes256-gcm'),
    ],
    [
      'with a weaker MAC',
      /its MACs are not HMAC-SHA512/,
      ({ algorithms }) => (algorithms.mac = 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'),
    ],
    [
      'with a key too short',
      /key SD \w+ has 15 bytes instead of 16/,
      ({ keys }) => (keys[0]!.value = Buffer.alloc(15, 1)),
    ],
  ])('is refused: %s', async (_, says, change) => {
    server.change = change;
    await expectFailure('KEY_SERVICE_ANSWER', says, { variables: encrypting });
  });

  it.each<[string, RegExp, (text: string) => string]>([
    ['no MAC', /key SD \w+ has no MAC/, (text) => text.replace(/<pskc:ValueMAC>[^<]*<\/pskc:ValueMAC>/, '')],
    [
      'half a MAC',
      /the MAC of key SD \w+ is wrong/,
      (text) => text.replace(/(<pskc:ValueMAC>[^<]{44})[^<]*/, '$1'),
    ],
    [
      'no MAC key',
      /the document key or the MAC key is missing/,
      (text) => text.replace(/<cpix:MACMethod[\s\S]*?<\/cpix:MACMethod>/, ''),
    ],
    [
      'no document key',
      /the document key or the MAC key is missing/,
      (text) => text.replace(/<cpix:DocumentKey[\s\S]*?<\/cpix:DocumentKey>/, ''),
    ],
    [
      'a document key that is not ours',
      /its document key cannot be decrypted with our private key/,
      (text) => text.replace(/<enc:CipherValue>[^<]{40}/, `<enc:CipherValue>${'A'.repeat(40)}`),
    ],
    [
      'MACs swapped',
      /the MAC of key SD \w+ is wrong/,
      (text) => {
        const macs = text.match(/<pskc:ValueMAC>[^<]*/g)!;
        return text.replace(macs[0], macs[1]!);
      },
    ],
  ])('is refused: with %s', async (_, says, change) => {
    server.write = (given) => change(written(given));
    await expectFailure('KEY_SERVICE_ANSWER', says, { variables: encrypting });
  });
});
