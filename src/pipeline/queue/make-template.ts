import { rename, writeFile } from 'node:fs/promises';
import { openDatabase } from './database.js';
import { TEMPLATE } from './template.js';

/** A step of the build: writes the empty database that new homes begin with. */
const db = await openDatabase(undefined);
const dump = await db.dumpDataDir('gzip');
await db.close();
await writeFile(`${TEMPLATE}.part`, Buffer.from(await dump.arrayBuffer()));
await rename(`${TEMPLATE}.part`, TEMPLATE);
