export { serialiseError } from './errors.js';
export { type JobFields, jobFields } from './job-fields.js';
export { type ServiceLogOptions, createServiceLog, logLevel, publicText } from './service-log.js';
