export {
  type AuditEntry,
  type AuditFilter,
  type AuditFinding,
  AuditTrail,
  readTrail,
} from './audit/index.js';
export {
  type KeyFacts,
  type MasterKeys,
  type Rotated,
  addMasterKey,
  listKeys,
  masterKeyFile,
  openMasterKeys,
  rotateMasterKey,
} from './built-in/index.js';
export { SYSTEM_ID, uuidOf } from './ids.js';
export { keyIdOf } from './key-id.js';
export { type OpenKeyServiceOptions, openKeyService } from './open.js';
export { readSecretFile } from './secret-file.js';
export { SecretKey } from './secret-key.js';
export type * from './types.js';
