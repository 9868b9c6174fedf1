// Writes docs/report.schema.json and the field table of docs/report.md from the zod schema. Run it in the
// repository's root after a change of schema.ts: npm run build && node dist/src/report/write-schema.js
// and then npx prettier --write docs/report.*
import { readFileSync, writeFileSync } from 'node:fs';
import { schemaFile, withFieldTable } from './json-schema.js';

writeFileSync('docs/report.schema.json', schemaFile());
writeFileSync('docs/report.md', withFieldTable(readFileSync('docs/report.md', 'utf8')));
