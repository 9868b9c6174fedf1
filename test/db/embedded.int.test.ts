import { memoryDatabase } from '../support/database.js';
import { databaseContract } from './contract.js';

databaseContract('PGlite', async () => {
  const { db, query } = await memoryDatabase();
  return { db, peer: db, query, close: () => db.close() };
});
