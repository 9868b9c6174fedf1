import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { badUsage } from '../../errors.js';
import type { CommandContext } from '../context.js';

/** What others than the owner may do with a file. */
const OTHERS = 0o077;
const MOST_BYTES = 4096;
/** A bearer token (RFC 6750), as servers take it. */
const TOKEN = /^[A-Za-z0-9._~+/-]{1,512}=*$/;

/**
 * The token to authenticate with: from `file` where it is given, else from HULLCAST_TOKEN; undefined where neither is.
 * Throws TOKEN_FILE, TOKEN_FILE_EXPOSED and TOKEN_MALFORMED; none of them tells the token.
 */
export async function readToken(
  { cwd, env }: Pick<CommandContext, 'cwd' | 'env'>,
  file: string | undefined,
): Promise<string | undefined> {
  const text = file === undefined ? env['HULLCAST_TOKEN'] : await readTokenFile(resolve(cwd, file), file);
  const token = text?.trim();
  if (file === undefined && !token) return undefined;
  if (token !== undefined && TOKEN.test(token)) return token;
  const where = file ?? 'HULLCAST_TOKEN';
  const what = token === '' ? 'holds no token' : 'holds something else than one token';
  throw badUsage(
    'TOKEN_MALFORMED',
    `${where} ${what}`,
    'A token is one word of letters, digits and . _ ~ + / -, perhaps with = at its end.',
  );
}

async function readTokenFile(path: string, label: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    await refuseExposed(file, label);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, null);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw badUsage('TOKEN_FILE', `the token file ${label} ${why}`, 'Check the path given with --token-file.');
  } finally {
    await file?.close();
  }
}

/** As ssh does with keys: an own file that others may read is refused. Others' files, e.g. mounted secrets, are not. */
async function refuseExposed(file: FileHandle, label: string): Promise<void> {
  const { mode, uid } = await file.stat();
  if (uid !== process.getuid?.() || (mode & OTHERS) === 0) return;
  throw badUsage(
    'TOKEN_FILE_EXPOSED',
    `the token file ${label} may be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`,
    `Make it yours alone: chmod 600 ${label}`,
  );
}
