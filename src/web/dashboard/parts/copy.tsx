import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useApp } from './context.js';
import { Icon } from './icons.js';

const SAID_MS = 2500;

/** Puts a text on the clipboard. Browsers allow that to pages of https and of the own machine only. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not allowed here: the caller selects the text instead
  }
}

function select(element: Element): void {
  const selection = getSelection();
  selection?.removeAllRanges();
  const range = document.createRange();
  range.selectNodeContents(element);
  selection?.addRange(range);
}

/** A text of a machine's making, as it is, with a button that copies it. */
export function CopyBlock({ label, text }: { label: string; text: string }): JSX.Element {
  const { announce } = useApp();
  const block = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState<string>();
  const onClick = async (): Promise<void> => {
    const copied = await copy(text);
    if (!copied && block.current) select(block.current);
    const outcome = copied ? 'Copied' : 'Selected: press Ctrl+C';
    setSaid(outcome);
    announce(outcome);
    setTimeout(() => setSaid(undefined), SAID_MS);
  };
  return (
    <div class="copy-block">
      <div class="copy-head">
        <span>{label}</span>
        <button type="button" class="quiet" aria-label={`Copy: ${label}`} onClick={() => void onClick()}>
          <Icon name="copy" />
          {said ?? 'Copy'}
        </button>
      </div>
      <pre ref={block}>{text}</pre>
    </div>
  );
}
