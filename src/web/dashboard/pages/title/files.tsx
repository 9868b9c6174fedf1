import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { filePath } from '../../api/client.js';
import { type ApiError, asApiError } from '../../api/error.js';
import { useApp } from '../../parts/context.js';
import { CopyBlock } from '../../parts/copy.js';
import { Section } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { routeHref } from '../../route.js';

/** Saves a file that only a request with the token gets. */
async function save(response: Response, name: string): Promise<void> {
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Ways to the title's files: play it, read its report, save the numbers. */
export function Files({ title, manifests }: { title: ApiTitle; manifests: readonly string[] }): JSX.Element {
  const { api } = useApp();
  const [error, setError] = useState<ApiError>();
  const saveReport = async (): Promise<void> => {
    setError(undefined);
    try {
      await save(await api.file(title.id, 'report.json'), `${title.name}.report.json`);
    } catch (failure) {
      setError(asApiError(failure));
    }
  };
  return (
    <Section id="files" heading="Files">
      <div class="actions start">
        <a class="button primary" href={routeHref({ page: 'play', id: title.id })}>
          Play
        </a>
        <a class="button" href={`/report.html#${encodeURIComponent(title.id)}`}>
          Whole report
        </a>
        <button type="button" onClick={() => void saveReport()}>
          Save report.json
        </button>
      </div>
      {error && <ProblemBox heading="report.json could not be saved" error={error} />}
      <details>
        <summary>Addresses of the manifests</summary>
        <p class="muted note">For a player that sends your token in the Authorization header.</p>
        {manifests.map((path) => (
          <CopyBlock key={path} label={path} text={new URL(filePath(title.id, path), location.origin).href} />
        ))}
      </details>
    </Section>
  );
}
