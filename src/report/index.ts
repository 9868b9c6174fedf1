export { reportHtml } from './html.js';
export { fieldTable, reportJsonSchema, schemaFile, withFieldTable } from './json-schema.js';
export {
  type Report,
  type ReportRendition,
  type ReportShot,
  REPORT_SCHEMA_VERSION,
  parseReport,
  reportSchema,
} from './schema.js';
