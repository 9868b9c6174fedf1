import type { JSX } from 'preact';
import type { ApiTitle } from '../../../services/contract/schema.js';
import { Icon, type IconName } from './icons.js';

/** A title's state: a shape and a word. */
export function StateBadge({ state }: { state: ApiTitle['state'] }): JSX.Element {
  return <Badge kind={state} icon={state} text={state} />;
}

/** A word with a shape; `kind` chooses the colour. */
export function Badge(props: { kind: string; icon: IconName; text: string }): JSX.Element {
  return (
    <span class="badge" data-kind={props.kind}>
      <Icon name={props.icon} />
      {props.text}
    </span>
  );
}
