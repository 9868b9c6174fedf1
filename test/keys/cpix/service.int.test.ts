import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../support/certificate.js';
import { LABELS, keyServiceContract, requestOf } from '../key-service.contract.js';
import { filesWithKeys, holdsKey } from '../secrets.js';
import { type Reply, startCpixServer } from './cpix-server.js';
import { AUTHORIZATION, TIMING, certificateOf, cpixDeployment, request } from './deployment.js';
import { COMMON, PLAYREADY, WIDEVINE } from './demands.js';
import { type Given, psshBox, written } from './provider.js';

const { server, env, encrypting, deploy, obtain, expectFailure } = await cpixDeployment();
const stranger = selfSigned('somebody else');

keyServiceContract('cpix, in the clear', () => Promise.resolve(deploy(env)));
keyServiceContract('cpix, with encrypted document keys', () => Promise.resolve(deploy(encrypting)));

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
        given.certificates.unshift(certificateOf(stranger));
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

const escaped = (text: string): string => text.replaceAll(/[.?[\]]/g, String.raw`\$&`);

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
    server.next({ status: 401, body: `wrong: ${AUTHORIZATION.slice('Basic '.length)}` });
    await expectFailure('KEY_SERVICE_REFUSED', /answered 401: wrong: \[secret\]$/);
    const variables = { ...env, HULLCAST_CPIX_HEADERS_FILE: undefined };
    await expectFailure('KEY_SERVICE_REFUSED', /answered 401: no such account: undefined$/, { variables });
  });

  it.each([
    ['a query', '?token=a%2Fb+c-123456', '/speke/v2.0?[secret] is not here'],
    ['a decoded query', '?token=a%2Fb+c-123456', '/speke/v2.0?[secret] is not here', 'token=a/b c-123456'],
    ['a value of it', '?token=a%2Fb+c-123456', 'token [secret] has expired', 'a/b c-123456'],
    ['a value of it, in capitals', '?a=1&token=a%2fb-123456', 'token [secret] has expired', 'A%2FB-123456'],
    ['a path', '/t0ken%20in-path/v2', '/speke/v2.0/[secret]/v2 is not here'],
    ['a decoded path', '/t0ken%20in-path/v2', '/speke/v2.0/[secret]/v2 is not here', 't0ken in-path'],
    ['what decodes to nothing', '?100%-123456', '/speke/v2.0?[secret] is not here'],
  ])('does not have its address repeated: %s', async (_, more, says, written?: string) => {
    const variables = { ...env, HULLCAST_KEYS: `cpix:${server.url}${more}` };
    const token = /[?/](?<token>[^/]*)/.exec(more)?.groups?.['token'] ?? '';
    server.next({ status: 404, body: says.replace('[secret]', written ?? token) });
    await expectFailure('KEY_SERVICE_REFUSED', new RegExp(`answered 404: ${escaped(says)}$`), { variables });
  });
});
