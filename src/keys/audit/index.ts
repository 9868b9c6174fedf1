export { audited } from './audited.js';
export type { AuditEntry } from './entry.js';
export { type AuditFilter, type AuditFinding, readTrail } from './read.js';
export { AuditTrail } from './trail.js';
