import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { Database } from '../../src/db/index.js';
import { titlesContract } from './contract/titles.js';
import { changesContract } from './contract/changes.js';
import { eventsContract } from './contract/events.js';
import { outboxContract } from './contract/outbox.js';
import { schemaContract } from './contract/schema.js';
import { tokensContract } from './contract/tokens.js';
import { uploadsContract } from './contract/uploads.js';

/** One database, as two control planes have it open. */
export interface Opened {
  db: Database;
  /** The same facts through another pool; the same database where only one process can have it. */
  peer: Database;
  /** Of the server, where it is one. */
  url?: string;
  /** Looks at the tables, or changes them behind the program's back. */
  query(statement: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

type Part = (opened: () => Opened) => void;

const PARTS: readonly Part[] = [
  ...[schemaContract, titlesContract, changesContract, eventsContract],
  ...[outboxContract, tokensContract, uploadsContract],
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
    beforeEach(async () => {
      await opened.query(
        'TRUNCATE hullcast.title, hullcast.event, hullcast.delivery, hullcast.token, hullcast.upload',
      );
    });
    for (const part of [...PARTS, ...more]) part(() => opened);
  });
}
