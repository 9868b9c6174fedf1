import { open, readFile } from 'node:fs/promises';
import { licenseConfig } from './config-error.js';

/** Others may do nothing with the file, its group at most read it: so Kubernetes gives secrets to a process. */
const FORBIDDEN_MODE = 0o037;
const MOST_BYTES = 1024 * 1024;

function unreadable(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return licenseConfig(`${path} cannot be read: ${code ?? message}`);
}

/** Text of a file that holds no secret. Throws LICENSE_CONFIG. */
export async function readPlainFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** Text of a file that holds secrets: a regular one that others may not touch. Throws LICENSE_CONFIG, which tells nothing of it. */
export async function readSecretFile(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw licenseConfig(`${path} is no file`);
    if ((stat.mode & FORBIDDEN_MODE) !== 0)
      throw licenseConfig(`${path} holds secrets, and others may read or change it: chmod 600`);
    if (stat.size > MOST_BYTES) throw licenseConfig(`${path} is larger than ${MOST_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
