export { type CpixTiming, cpixKeyService } from './service.js';
export { type CpixSettings, cpixSettings } from './settings.js';
