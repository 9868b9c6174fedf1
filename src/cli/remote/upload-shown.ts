import { basename, join } from 'node:path';
import { bytes as bytesText } from '../../report/index.js';
import type { UploadEvent, Uploaded } from '../../services/client/index.js';
import type { CommandContext } from '../context.js';
import { type Display, createDisplay } from '../display.js';
import type { Remote } from './connect.js';
import { notice } from './notice.js';

const seconds = (ms: number): string => `${Math.max(1, Math.round(ms / 1000))} s`;

/** What is said of an upload beside its progress. */
function noticeOf(name: string, event: UploadEvent): string | undefined {
  switch (event.state) {
    case 'resumed':
      if (event.done === event.bytes) return `${name} has been uploaded before`;
      return `going on with the upload of ${name} after ${bytesText(event.done)} of ${bytesText(event.bytes)}`;
    case 'anew':
      return event.why === 'changed'
        ? `${name} was changed since its upload began: uploading it anew`
        : `the server no longer has the upload of ${name}: uploading it anew`;
    case 'interrupted':
      return `${event.error.message}; trying again in ${seconds(event.pauseMs)}`;
    default:
      return undefined;
  }
}

function show(display: Display, name: string, event: UploadEvent): void {
  const job = { type: 'job', stage: 'upload', job: name } as const;
  switch (event.state) {
    case 'started':
      return display.event({ ...job, state: 'started', done: 0, total: event.bytes });
    case 'resumed':
      return display.event({ ...job, state: 'started', done: event.done, total: event.bytes });
    case 'progress':
      return display.event({ ...job, state: 'progress', done: event.done, total: event.bytes });
    case 'finished':
      return display.event({ ...job, state: 'done', total: event.bytes });
    case 'anew':
    case 'interrupted':
      return;
  }
}

/** Uploads a local master with a display of how far it is; remembers it below `home`, so that a later run goes on. */
export async function uploadShown(
  context: CommandContext,
  { client }: Remote,
  path: string,
  home: string,
): Promise<Uploaded> {
  const display = createDisplay(context);
  const name = basename(path);
  try {
    return await client.upload(path, {
      folder: join(home, 'uploads'),
      onEvent: (event) => {
        const text = noticeOf(name, event);
        if (text !== undefined) notice(context, text);
        show(display, name, event);
      },
    });
  } finally {
    display.close();
  }
}
