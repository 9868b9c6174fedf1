import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { examineFile } from '../ingest/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';
import { addServerOptions, connect } from './remote/connect.js';
import { notice } from './remote/notice.js';
import { isS3, readKey, readMeta, readPriority, s3Source, submitRequest } from './remote/submit-request.js';
import { nextCommand, stateText } from './remote/title-text.js';
import { uploadShown } from './remote/upload-shown.js';
import { watchTitle } from './remote/watch-title.js';

async function submit(
  context: CommandContext,
  [master = '']: readonly string[],
  flags: Flags,
): Promise<void> {
  const { out, json, cwd } = context;
  const remote = await connect(context, flags);
  const { home } = await loadConfig(context, flags);
  const remoteSource = isS3(master) ? s3Source(master) : undefined;
  // Whatever is wrong shows before hours of upload.
  const draft = submitRequest(remoteSource ?? { upload: 'later' }, flags);
  let request = draft;
  let key = flags['idempotencyKey'] as string | undefined;
  if (remoteSource === undefined) {
    const path = resolve(cwd, master);
    await examineFile(path, master);
    const { source: _, ...rest } = draft;
    await remote.client.check(rest);
    const { id } = await uploadShown(context, remote, path, home);
    request = { ...draft, source: { upload: id } };
    // The same upload gives the same title, however often the command is run.
    key ??= `upload-${id}`;
  }
  const { title, created } = await remote.client.submit(request, key ?? randomUUID());
  if (!created) {
    notice(context, `${basename(master)} was submitted before; its title is ${stateText(title)}`);
    if (!json) out.note('To make another title of it, give another --idempotency-key.');
  }
  if (json) out.json({ type: 'submitted', created, ...title });
  else out.result(title.id);
  if (flags['watch'] === true) return watchTitle(context, remote, title.id);
  if (!json) out.note(`Watch it: ${nextCommand('watch', title.id, remote.serverArgs)}`);
}

export const registerSubmit: Register = (program, host) => {
  const command = program
    .command('submit')
    .summary('give a master to a server, which makes the title')
    .description(
      'Gives a master to a server (`hullcast serve`), which makes the title, and prints the id of the title. A local ' +
        'file is uploaded first. An upload that was cut off, or whose command was ended, goes on where it stopped when ' +
        'the same command is run again; and the same file submitted twice is one title.',
    )
    .argument('<master>', 'video file, or s3://bucket/key of one that the server can read')
    .option('--profile <name>', "profile of the server's configuration (default: default)")
    .option('--priority <n>', '9 goes first, 0 is the backfill (default: 5)', readPriority)
    .option('--external-id <id>', 'your own id of the title, to find it again with list')
    .option('--meta <pair>', 'key=value to keep with the title; repeated for several', readMeta)
    .option('--callback-url <url>', 'gets a signed POST for every event of the title')
    .option('--name <name>', "name of the title (default: the file's)")
    .option(
      '--idempotency-key <key>',
      "submissions with the same key are one (default: the upload's)",
      readKey,
    )
    .option('--watch', 'stay, and show how far it is until it has ended')
    .action(host.action(submit));
  addServerOptions(command);
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast submit master.mov', does: 'upload, and print the id of the title' },
      { command: 'hullcast submit master.mov --watch', does: 'and stay until it is done' },
      {
        command: 'hullcast submit s3://masters/film.mov --priority 9',
        does: 'one that is on S3, before others',
      },
      { command: 'hullcast submit a.mov --meta season=2 --meta episode=5', does: 'with notes of your own' },
    ],
    [0, 1, 2, 3, 130],
    {
      0: 'submitted; with --watch: done',
      3: 'the master was rejected, by a look at the file or with --watch later',
    },
  );
};
