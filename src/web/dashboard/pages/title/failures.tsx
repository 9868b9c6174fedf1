import type { JSX } from 'preact';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { useApp } from '../../parts/context.js';
import { FailureList } from '../../parts/failure-list.js';
import { Section } from '../../parts/page.js';
import { useResource } from '../../parts/use-resource.js';
import { hasEnded } from '../../state/titles.js';

const EVERY_MS = 5000;

/** Recent failures of the title's jobs, where the cluster still knows of any. */
export function TitleFailures({ title, version }: { title: ApiTitle; version: number }): JSX.Element | null {
  const { api } = useApp();
  const { data } = useResource(title.id, (signal) => api.overview(signal), {
    version,
    everyMs: hasEnded(title) ? undefined : EVERY_MS,
  });
  const failures = data?.failures.filter((failure) => failure.title === title.id) ?? [];
  if (failures.length === 0) return null;
  return (
    <Section id="failures" heading="Failed jobs">
      <FailureList failures={failures} linked={false} />
    </Section>
  );
}
