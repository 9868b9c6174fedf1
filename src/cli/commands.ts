import type { Register } from './context.js';
import { registerCancel } from './cancel.js';
import { registerCheck } from './check.js';
import { registerDoctor } from './doctor.js';
import { registerEncode } from './encode.js';
import { registerList } from './list.js';
import { registerPlan } from './plan.js';
import { registerPlay } from './play.js';
import { registerRetry } from './retry.js';
import { registerScore } from './score.js';
import { registerSubmit } from './submit.js';
import { registerToken } from './token.js';
import { registerWatch } from './watch.js';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Register[] = [
  registerEncode,
  registerPlan,
  registerScore,
  registerCheck,
  registerPlay,
  registerSubmit,
  registerList,
  registerWatch,
  registerCancel,
  registerRetry,
  registerToken,
  registerDoctor,
];
