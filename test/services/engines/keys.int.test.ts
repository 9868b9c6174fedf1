import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { engineSettings, openEngines } from '../../../src/services/engines/index.js';
import { memoryKeys } from '../../support/keys.js';

it('a process that is told how has a key service over its store', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hullcast-engines-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const keys = memoryKeys();
  const stores: unknown[] = [];
  const engines = await openEngines(engineSettings({}, home), {
    ...{ log: pino({ level: 'silent' }), signal: new AbortController().signal },
    keys: (store) => {
      stores.push(store);
      return keys;
    },
  });
  expect(engines.keys).toBe(keys);
  expect(stores).toEqual([engines.store]);
  await engines.close();
});
