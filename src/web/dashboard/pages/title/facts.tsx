import type { ComponentChildren, JSX } from 'preact';
import { duration, fpsText, grouped } from '../../../../report/browser.js';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { When } from '../../parts/when.js';
import { secondsBetween } from '../../state/words.js';

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ResultFacts({ result }: { result: NonNullable<ApiTitle['result']> }): JSX.Element {
  const { cost } = result;
  return (
    <>
      <Fact name="Picture">
        {result.width}×{result.height}, {fpsText(result.fps)}
      </Fact>
      <Fact name="Frames">{grouped(result.frames)}</Fact>
      <Fact name="CPU time">{duration(cost.cpuSeconds)}</Fact>
      <Fact name="Encodes">
        {grouped(cost.encodes)}, {grouped(cost.cacheHits)} results reused
      </Fact>
    </>
  );
}

/** What is known of a title itself. */
export function Facts({ title }: { title: ApiTitle }): JSX.Element {
  const took = secondsBetween(title.startedAt, title.finishedAt);
  return (
    <section class="facts" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl>
        <Fact name="Id">
          <code class="breakable">{title.id}</code>
        </Fact>
        {title.externalId !== undefined && (
          <Fact name="External id">
            <span class="breakable">{title.externalId}</span>
          </Fact>
        )}
        <Fact name="Profile">{title.profile}</Fact>
        <Fact name="Priority">{title.priority} of 9</Fact>
        <Fact name="Attempt">{title.attempt}</Fact>
        <Fact name="Submitted">
          <When time={title.createdAt} />
        </Fact>
        {title.startedAt !== undefined && (
          <Fact name="Started">
            <When time={title.startedAt} />
          </Fact>
        )}
        {title.finishedAt !== undefined && (
          <Fact name="Ended">
            <When time={title.finishedAt} />
            {took !== undefined && `, after ${duration(took)}`}
          </Fact>
        )}
        {title.result && <ResultFacts result={title.result} />}
        {title.callbackUrl !== undefined && (
          <Fact name="Callback">
            <span class="breakable">{title.callbackUrl}</span>
          </Fact>
        )}
        {Object.entries(title.metadata ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            <span class="breakable">{value}</span>
          </Fact>
        ))}
      </dl>
    </section>
  );
}
