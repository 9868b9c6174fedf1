import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

/** A page's heading; it takes the focus when the page is come to, so that a screen reader begins there. */
export function PageHeading({ text, children }: { text: string; children?: ComponentChildren }): JSX.Element {
  useEffect(() => {
    document.title = `${text} – hullcast`;
  }, [text]);
  return (
    <div class="page-head">
      <h1 tabIndex={-1}>{text}</h1>
      {children}
    </div>
  );
}

/** Moves the focus to the page's heading. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: false });
}

/** A part of a page, with its heading. */
export function Section(props: {
  id: string;
  heading: string;
  note?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section aria-labelledby={props.id}>
      <h2 id={props.id}>{props.heading}</h2>
      {props.note !== undefined && <p class="muted note">{props.note}</p>}
      {props.children}
    </section>
  );
}

/** What stands where something is loaded for the first time. */
export function Loading({ what }: { what: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  );
}
