import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { Confirm, type Question } from '../../parts/confirm.js';
import { type App, useApp } from '../../parts/context.js';
import { focusHeading } from '../../parts/page.js';
import { routeHref } from '../../route.js';
import { hasEnded } from '../../state/titles.js';

/** What may be done with a title in its state, in the words of the button. */
function actionsOf(state: ApiTitle['state']): ('cancel' | 'retry' | 'delete')[] {
  switch (state) {
    case 'queued':
    case 'running':
      return ['cancel'];
    case 'cancelling':
      return [];
    case 'failed':
    case 'cancelled':
      return ['retry', 'delete'];
    case 'done':
      return ['delete'];
  }
}

type Action = ReturnType<typeof actionsOf>[number];

const LABELS: Readonly<Record<Action, string>> = { cancel: 'Cancel', retry: 'Retry', delete: 'Delete' };

function questionOf(action: Action, title: ApiTitle, api: App['api']): Question {
  switch (action) {
    case 'cancel':
      return {
        heading: `Cancel ${title.name}?`,
        text: 'Its jobs are ended. What they have finished stays in the store, so a retry goes on from there.',
        yes: 'Cancel the title',
        no: 'Let it run',
        danger: true,
        act: () => api.cancel(title.id),
      };
    case 'retry':
      return {
        heading: `Retry ${title.name}?`,
        text: 'It is queued again and goes on where it stopped: nothing that is finished is computed twice.',
        yes: 'Retry the title',
        no: 'Leave it',
        danger: false,
        act: () => api.retry(title.id),
      };
    case 'delete':
      return {
        heading: `Delete ${title.name}?`,
        text:
          hasEnded(title) && title.state === 'done'
            ? 'The title and its published files are removed. Who plays it now will be cut off. This cannot be undone.'
            : 'The title is removed from the list. This cannot be undone.',
        yes: 'Delete the title',
        no: 'Keep it',
        danger: true,
        act: () => api.remove(title.id),
      };
  }
}

/** Buttons for what may be done with the title; each asks first. */
export function Actions({ title, onChanged }: { title: ApiTitle; onChanged: () => void }): JSX.Element {
  const { api } = useApp();
  const [asked, setAsked] = useState<Action>();
  const onDone = (): void => {
    setAsked(undefined);
    if (asked === 'delete') location.hash = routeHref({ page: 'titles', query: {} });
    else {
      onChanged();
      // The button that was pressed is about to go.
      focusHeading();
    }
  };
  return (
    <div class="actions">
      {actionsOf(title.state).map((action) => (
        <button
          key={action}
          type="button"
          class={action === 'retry' ? 'primary' : undefined}
          onClick={() => setAsked(action)}
        >
          {LABELS[action]}
        </button>
      ))}
      {asked && (
        <Confirm
          question={questionOf(asked, title, api)}
          onClose={() => setAsked(undefined)}
          onDone={onDone}
        />
      )}
    </div>
  );
}
