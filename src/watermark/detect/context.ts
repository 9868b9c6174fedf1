import type { StageContext } from '../../pipeline/index.js';

/** What detecting needs of a stage's context. */
export type DetectContext = Pick<StageContext, 'tools' | 'run' | 'scratch' | 'signal'>;
