import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { EMPTY } from '../support/database.js';
import { titlesContract } from './contract/titles.js';
import { changesContract } from './contract/changes.js';
import { eventsContract } from './contract/events.js';
import { historyContract } from './contract/history.js';
import { outboxContract } from './contract/outbox.js';
import { schemaContract } from './contract/schema.js';
import { tokensContract } from './contract/tokens.js';
import { uploadsContract } from './contract/uploads.js';
import type { Opened, Part } from './support.js';

const PARTS: readonly Part[] = [
  ...[schemaContract, titlesContract, changesContract, eventsContract],
  ...[outboxContract, historyContract, tokensContract, uploadsContract],
];

/** What every database must do, and `more`. All of it runs on one database, emptied before each test. */
export function databaseContract(
  name: string,
  open: () => Promise<Opened>,
  more: readonly Part[] = [],
): void {
  describe(`database contract: ${name}`, () => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    beforeEach(async () => void (await opened.query(EMPTY)));
    for (const part of [...PARTS, ...more]) part(() => opened);
  });
}
