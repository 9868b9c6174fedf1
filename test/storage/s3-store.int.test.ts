import { afterAll, beforeAll } from 'vitest';
import { type TestS3, startS3 } from '../support/s3-server.js';
import { S3Stores } from '../support/s3-stores.js';
import { startSwift } from '../support/swift-server.js';
import { objectStoreContract } from './contract.js';

let stores: S3Stores;
const servers: Promise<TestS3>[] = [];
beforeAll(async () => {
  stores = await S3Stores.open();
});
afterAll(async () => {
  for (const server of servers) await (await server).stop();
  await stores.cleanUp();
});

function contract(name: string, start: () => Promise<TestS3>): void {
  let server: Promise<TestS3> | undefined;
  objectStoreContract(name, async () => {
    if (!server) servers.push((server = start()));
    return stores.make(await server).store;
  });
}

contract('S3 without conditional writes', () => startS3());
contract('S3 with conditional writes', () => startS3({ conditionalWrites: true }));
contract('OpenStack Swift', () => startSwift());
