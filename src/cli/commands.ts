import type { Register } from './context.js';
import { registerCheck } from './check.js';
import { registerDoctor } from './doctor.js';
import { registerEncode } from './encode.js';
import { registerPlan } from './plan.js';
import { registerPlay } from './play.js';
import { registerScore } from './score.js';
import { registerToken } from './token.js';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Register[] = [
  registerEncode,
  registerPlan,
  registerScore,
  registerCheck,
  registerPlay,
  registerToken,
  registerDoctor,
];
