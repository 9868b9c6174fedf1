import type { CommandContext } from '../context.js';

/** Something worth knowing that is no failure: a line for people, with --json also one for programs. */
export function notice({ out, json }: Pick<CommandContext, 'out' | 'json'>, message: string): void {
  if (json) out.json({ type: 'notice', message });
  out.note(message);
}
