import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiDelivery, ApiTitle } from '../../../../services/contract/schema.js';
import { type ApiError, asApiError } from '../../api/error.js';
import { Badge } from '../../parts/badge.js';
import { useApp } from '../../parts/context.js';
import { Loading, Section } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { type Column, Table } from '../../parts/table.js';
import { useResource } from '../../parts/use-resource.js';
import { When } from '../../parts/when.js';

/** Shape and colour of a delivery's state: those of a title's. */
const LOOKS = { pending: 'queued', delivered: 'done', failed: 'failed' } as const;
/** Deliveries have no events: they are looked at again. */
const EVERY_MS = 5000;

function Last({ delivery }: { delivery: ApiDelivery }): JSX.Element {
  const { state, attempts, lastStatus, lastError, deliveredAt, nextAttemptAt } = delivery;
  if (state === 'delivered') {
    return (
      <>
        {lastStatus !== undefined && `${lastStatus}, `}
        {deliveredAt !== undefined && <When time={deliveredAt} />}
      </>
    );
  }
  if (attempts === 0) return <>on its way</>;
  return (
    <>
      <span class="breakable">{lastError ?? (lastStatus === undefined ? '' : `answered ${lastStatus}`)}</span>
      {state === 'pending' && (
        <span class="muted small sub">again at {new Date(nextAttemptAt).toLocaleTimeString()}</span>
      )}
    </>
  );
}

function DeliveryTable(props: {
  deliveries: readonly ApiDelivery[];
  onReplay: (id: number) => void;
}): JSX.Element {
  const columns: Column<ApiDelivery>[] = [
    { label: 'Event', heads: true, cell: ({ type }) => <code>{type}</code> },
    { label: 'State', cell: ({ state }) => <Badge kind={LOOKS[state]} icon={LOOKS[state]} text={state} /> },
    { label: 'Attempts', numeric: true, cell: ({ attempts }) => attempts },
    { label: 'Last', className: 'wide-text', cell: (delivery) => <Last delivery={delivery} /> },
    {
      label: 'Again',
      numeric: true,
      cell: ({ id, type }) => (
        <button
          type="button"
          class="small-button"
          aria-label={`Replay ${type}`}
          onClick={() => props.onReplay(id)}
        >
          Replay
        </button>
      ),
    },
  ];
  return (
    <Table caption="Webhook deliveries" columns={columns} rows={props.deliveries} rowKey={({ id }) => id} />
  );
}

/** Webhooks of the title, each of which can be sent again. */
export function Deliveries({ title, version }: { title: ApiTitle; version: number }): JSX.Element | null {
  const { api, announce } = useApp();
  const [failed, setFailed] = useState<ApiError>();
  const { data, error, reload } = useResource(title.id, (signal) => api.deliveries(title.id, signal), {
    version,
    everyMs: title.callbackUrl === undefined ? undefined : EVERY_MS,
  });
  const url = title.callbackUrl ?? data?.[0]?.url;
  if (url === undefined) return null;
  const replay = async (id: number): Promise<void> => {
    setFailed(undefined);
    try {
      await api.replay(id);
      announce('It will be sent again');
      reload();
    } catch (failure) {
      setFailed(asApiError(failure));
    }
  };
  return (
    <Section id="deliveries" heading="Webhook deliveries" note={<span class="breakable">to {url}</span>}>
      {error && <ProblemBox heading="The deliveries could not be loaded" error={error} onRetry={reload} />}
      {failed && <ProblemBox heading="It could not be sent again" error={failed} />}
      {!data && !error && <Loading what="deliveries" />}
      {data && <DeliveryTable deliveries={data} onReplay={(id) => void replay(id)} />}
    </Section>
  );
}
