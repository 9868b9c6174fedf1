import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface CuttingProxy {
  url: string;
  /** Connections that were cut. */
  cuts(): number;
  close(): Promise<void>;
}

/**
 * A TCP proxy that cuts connections in the middle of what the client sends: the first after `cutAfter[0]` bytes that came
 * through since the last cut, the next after `cutAfter[1]`, and so on; then none.
 */
export async function cuttingProxy(target: string, cutAfter: readonly number[]): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cuts = 0;
  let since = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const both = [client, upstream];
    const end = (): void => both.forEach((socket) => socket.destroy());
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      const limit = cutAfter[cuts];
      since += bytes.length;
      if (limit === undefined || since < limit) return void upstream.write(bytes);
      since = 0;
      cuts += 1;
      client.resetAndDestroy();
    });
    upstream.on('data', (bytes) => client.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
