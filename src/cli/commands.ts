import type { Register } from './context.js';
import { registerCancel } from './cancel.js';
import { registerCheck } from './check.js';
import { registerDoctor } from './doctor.js';
import { registerEncode } from './encode.js';
import { registerLicenseToken } from './license-token.js';
import { registerList } from './list.js';
import { registerKeys } from './keys.js';
import { registerFsck } from './fsck.js';
import { registerGc } from './gc.js';
import { registerPlan } from './plan.js';
import { registerPlay } from './play.js';
import { registerRetry } from './retry.js';
import { registerScore } from './score.js';
import { registerServe } from './serve.js';
import { registerSubmit } from './submit.js';
import { registerWatch } from './watch.js';
import { registerToken } from './token.js';
import { registerVerify } from './verify.js';
import { registerWorker } from './worker.js';

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Register[] = [
  registerEncode,
  registerPlan,
  registerScore,
  registerCheck,
  registerVerify,
  registerPlay,
  registerSubmit,
  registerList,
  registerWatch,
  registerCancel,
  registerRetry,
  registerServe,
  registerWorker,
  registerToken,
  registerKeys,
  registerLicenseToken,
  registerGc,
  registerFsck,
  registerDoctor,
];
