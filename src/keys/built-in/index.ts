export { type KeyFacts, listKeys } from './list.js';
export { addMasterKey } from './master-file.js';
export { type MasterKeys, masterKeyFile, openMasterKeys } from './masters.js';
export { type RotateOptions, type Rotated, rotateMasterKey } from './rotate.js';
export { type BuiltInOptions, builtInKeyService } from './service.js';
