import type { Register } from './context.js';
import { teach } from './help.js';
import { registerWatermarkDetect } from './watermark/detect.js';
import { registerWatermarkSequence } from './watermark/sequence.js';

export const registerWatermark: Register = (program, host) => {
  const group = program
    .command('watermark')
    .summary("a session's copy of a marked title, and whose copy a file is")
    .description(
      'Works on titles that were made with `hullcast encode --watermark`, with the key that HULLCAST_WATERMARK_KEY_FILE ' +
        'names. See docs/watermark.md.',
    )
    .helpCommand(false);
  for (const register of [registerWatermarkSequence, registerWatermarkDetect]) register(group, host);
  teach(
    group,
    [
      {
        command: 'hullcast watermark sequence title --session 4711 --out copy',
        does: 'what session 4711 sees',
      },
      { command: 'hullcast watermark detect found.mkv --title title', does: 'whose copy is that?' },
    ],
    [0, 1, 2],
    { 0: 'done' },
  );
};
