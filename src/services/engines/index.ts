export { type EngineOptions, type EngineSettings, type Engines, openEngines } from './engines.js';
export { engineSettings } from './settings.js';
