import { rename } from 'node:fs/promises';
import { errorCode } from './disk-error.js';

/** False where the two paths lie on different file systems, which a rename cannot cross. */
export async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EXDEV') return false;
    throw error;
  }
}
