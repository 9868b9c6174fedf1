import { getTableConfig } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import {
  deliveries,
  events,
  pruned,
  removedUploads,
  titles,
  tokens,
  uploads,
} from '../../../src/db/schema.js';
import type { Opened } from '../support.js';

const TYPES: Record<string, string> = { 'timestamp (3) with time zone': 'timestamp with time zone(3)' };

export function schemaContract(opened: () => Opened): void {
  describe('schema', () => {
    it.each([titles, events, deliveries, pruned, tokens, uploads, removedUploads])(
      'of table %# is what the migrations make',
      async (table) => {
        const { name, schema, columns } = getTableConfig(table);
        const found = await opened().query(`
        SELECT column_name AS name, is_nullable = 'NO' AS "notNull",
          data_type || coalesce('(' || datetime_precision || ')', '') AS type
        FROM information_schema.columns WHERE table_schema = '${schema}' AND table_name = '${name}'`);
        const declared = columns.map((column) => ({
          ...{ name: column.name, notNull: column.notNull },
          type: TYPES[column.getSQLType()] ?? column.getSQLType(),
        }));
        const byName = (rows: { name?: unknown }[]) =>
          rows.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
        expect(byName(declared)).toEqual(byName(found));
      },
    );

    it('says which steps made it', async () => {
      const rows = await opened().query('SELECT version, name FROM hullcast.migration ORDER BY version');
      expect(rows[0]).toEqual({ version: 1, name: 'titles, events, deliveries, tokens, uploads' });
    });

    it('answers a ping', () => opened().db.ping());
  });
}
