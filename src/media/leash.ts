import { execa } from 'execa';
import { access, constants } from 'node:fs/promises';

/** Of util-linux, which every Debian has; BusyBox's knows no --pdeathsig. */
const LEASH = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

let works: Promise<boolean> | undefined;

/**
 * The command as it is started: so that the kernel kills it when this process dies, of SIGKILL or for want of memory, where
 * the system has something for that. Else an encode that nobody waits for any more would hold its core for minutes.
 */
export async function leashed(file: string, args: readonly string[]): Promise<[string, string[]]> {
  // What is not there is best told of by the one who starts it.
  const there = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  const [leash, ...options] = LEASH;
  return there && (await (works ??= tried())) ? [leash, [...options, file, ...args]] : [file, [...args]];
}

async function tried(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const [leash, ...options] = LEASH;
  const { failed } = await execa(leash, [...options, 'true'], {
    stdio: 'ignore',
    reject: false,
    timeout: 10_000,
  });
  return !failed;
}
