import { openDatabase } from '../../src/db/index.js';
import { never, newTitle, silent } from './support.js';

// A process that adds titles to the embedded database and prints the id of each one that is there, until it is killed.
const [home = ''] = process.argv.slice(2);
const db = await openDatabase(undefined, { home, log: silent, signal: never });
for (let i = 0; ; i += 1) {
  const { title } = await db.titles.create(newTitle({ id: `written-${i}` }));
  await db.titles.started(title.id);
  console.log(title.id);
}
