export { type ReportComparison, compareReports } from './compare.js';
export {
  type CheckName,
  type CheckResult,
  type Comparison,
  type Tolerances,
  DEFAULT_TOLERANCES,
  comparisonName,
} from './comparison.js';
export { bytes, grouped, plainText, plural } from './format.js';
export { reportHtml } from './html.js';
export type { Pictures } from './images-section.js';
export { fieldTable, reportJsonSchema, schemaFile, withFieldTable } from './json-schema.js';
export {
  type Report,
  type ReportRendition,
  type ReportShot,
  REPORT_SCHEMA_VERSION,
  parseReport,
  reportSchema,
} from './schema.js';
