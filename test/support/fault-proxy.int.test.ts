import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultProxy, startTcpProxy } from './fault-proxy.js';

// The HTTP proxy is tested by what is tested with it.
describe('a TCP proxy', () => {
  let echo: Server;
  let proxy: FaultProxy;
  beforeAll(async () => {
    echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
    await once(echo.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => void echo.close());
  beforeEach(async () => {
    proxy = await startTcpProxy({ port: (echo.address() as AddressInfo).port });
  });
  afterEach(() => proxy.stop());

  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port });
    await once(socket, 'connect');
    return socket;
  };
  const say = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString();
  };
  const silence = (ms: number): Promise<string> =>
    new Promise((done) => setTimeout(() => done('silence'), ms));

  it('passes what comes, both ways', async () => {
    const [a, b] = [await open(), await open()];
    expect([await say(a, 'one'), await say(b, 'two')]).toEqual(['one', 'two']);
  });

  it('hangs, connections that are open too, and goes on where they were', async () => {
    const socket = await open();
    await say(socket, 'before');
    proxy.set('hang');
    const answer = say(socket, 'meanwhile');
    const fresh = await open();
    const other = say(fresh, 'fresh');
    expect(await Promise.race([answer, other, silence(200)])).toBe('silence');
    proxy.set('pass');
    expect([await answer, await other]).toEqual(['meanwhile', 'fresh']);
  });

  it('breaks connections, those that are open too', async () => {
    const socket = await open();
    await say(socket, 'before');
    const closed = once(socket, 'close');
    proxy.set('cut');
    await closed;
    const fresh = await open();
    await once(
      fresh.on('error', () => undefined),
      'close',
    );
    proxy.set('pass');
    expect(await say(await open(), 'again')).toBe('again');
  });
});
