import { describe, expect, it } from 'vitest';
import { allowedCallbacks, callbackPolicy } from '../../../src/services/webhooks/policy.js';

const NAMES: Record<string, string[]> = {
  'public.example': ['93.184.216.34', '2606:2800:220:1::1'],
  'private.example': ['10.1.2.3'],
  'mixed.example': ['93.184.216.34', '127.0.0.1'],
  'mapped.example': ['::ffff:192.168.0.1'],
  'nat64.example': ['64:ff9b::a00:1'],
  'hooks.internal': ['10.9.9.9'],
  'odd.example': ['not an address'],
};

const resolve = (host: string): Promise<readonly string[]> =>
  host in NAMES ? Promise.resolve(NAMES[host]!) : Promise.reject(new Error('ENOTFOUND'));

const check = (url: string, allow = ''): Promise<unknown> =>
  callbackPolicy(allowedCallbacks(allow), resolve).check(url);

describe('callback URLs', () => {
  it('go to the addresses of a public name', async () => {
    expect(await check('https://public.example:8443/hook?a=1')).toMatchObject({
      addresses: [
        { address: '93.184.216.34', family: 4 },
        { address: '2606:2800:220:1::1', family: 6 },
      ],
    });
  });

  it.each([
    'http://93.184.216.34/',
    'http://[2606:2800:220:1::1]/',
    // WHATWG URLs make canonical addresses of other spellings: this is 93.184.216.34.
    'http://1572395042/',
  ])('may be %s', async (url) => {
    await expect(check(url)).resolves.toBeDefined();
  });

  it.each([
    'http://private.example/',
    'http://mixed.example/',
    'http://mapped.example/',
    'http://nat64.example/',
    'http://odd.example/',
    'http://unknown.example/',
    'http://hooks.internal/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[fe80::1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.100.100.200/',
    'http://user@public.example/',
    'http://user:word@public.example/',
    'http://:word@public.example/',
    'ftp://public.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    '//public.example/',
    'public.example',
    '',
  ])('may not be %j', async (url) => {
    await expect(check(url)).rejects.toMatchObject({ code: 'CALLBACK_REFUSED' });
  });

  it('may go to allowed networks', async () => {
    await expect(check('http://private.example/', '10.0.0.0/8')).resolves.toBeDefined();
    await expect(check('http://mapped.example/', '192.168.0.0/16')).resolves.toBeDefined();
    await expect(check('http://[::1]/', '::1')).resolves.toBeDefined();
    await expect(check('http://mixed.example/', '10.0.0.0/8')).rejects.toMatchObject({
      code: 'CALLBACK_REFUSED',
    });
  });

  it('may go to allowed hosts, by their names only', async () => {
    await expect(check('http://HOOKS.internal/', 'other.internal, hooks.INTERNAL')).resolves.toBeDefined();
    await expect(check('http://hooks.internal./', 'hooks.internal')).rejects.toMatchObject({
      code: 'CALLBACK_REFUSED',
      message: expect.stringContaining('no address') as string,
    });
    await expect(check('http://a.hooks.internal/', 'hooks.internal')).rejects.toMatchObject({
      code: 'CALLBACK_REFUSED',
    });
    await expect(check('http://10.9.9.9/', 'hooks.internal')).rejects.toMatchObject({
      code: 'CALLBACK_REFUSED',
    });
    await expect(check('http://user@hooks.internal/', 'hooks.internal')).rejects.toMatchObject({
      code: 'CALLBACK_REFUSED',
    });
  });

  it('are checked anew every time', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const policy = callbackPolicy(allowedCallbacks(undefined), () => Promise.resolve(answers.shift()!));
    await expect(policy.check('http://rebinding.example/')).resolves.toBeDefined();
    await expect(policy.check('http://rebinding.example/')).rejects.toMatchObject({
      code: 'CALLBACK_REFUSED',
    });
  });
});

describe('HULLCAST_CALLBACK_ALLOW', () => {
  it('reads networks, addresses and names', () => {
    const { networks, hosts } = allowedCallbacks('10.0.0.0/8, fd00::/8,127.0.0.1 ,hooks.internal,localhost');
    expect(networks.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      '127.0.0.1/32',
    ]);
    expect([...hosts]).toEqual(['hooks.internal', 'localhost']);
  });

  it.each(['10.0.0.0/40', 'http://hooks.internal', '-a', 'a b', '*', '10.0.0', 'x'.repeat(300)])(
    'refuses %j',
    (text) => {
      expect(() => allowedCallbacks(text)).toThrow(
        expect.objectContaining({ code: 'CALLBACK_ALLOW', exitCode: 2 }),
      );
    },
  );
});
