import type { JSX } from 'preact';
import { rankResolutions } from '../../../../report/browser.js';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { useApp } from '../../parts/context.js';
import { Loading, Section } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { useResource } from '../../parts/use-resource.js';
import { RatePlot } from '../../plots/rate-plot.js';
import { ShotsStrip } from '../../plots/shots-strip.js';
import { type DashboardReport, ladderOf, readReport } from '../../state/report.js';
import { Files } from './files.js';
import { Findings } from './findings.js';
import { Ladder } from './ladder.js';

/** The title's report.json, or why there is none to show. */
function useReport(title: ApiTitle): ReturnType<typeof useResource<DashboardReport | string>> {
  const { api } = useApp();
  return useResource(`${title.id} ${title.attempt}`, async (signal) =>
    readReport(await (await api.file(title.id, 'report.json', signal)).json()),
  );
}

/** What came out of a title that is done. */
export function Outcome(props: { title: ApiTitle; result: NonNullable<ApiTitle['result']> }): JSX.Element {
  const { title, result } = props;
  const { data, error, reload } = useReport(title);
  const report = typeof data === 'object' ? data : undefined;
  const ladder = ladderOf(result, report);
  return (
    <>
      <Files title={title} manifests={result.manifests} />
      <Section id="ladder" heading="Ladder">
        <Ladder ladder={ladder} />
      </Section>
      <Section
        id="plot"
        heading="Rate and quality"
        note={
          report
            ? 'Mean VMAF of each rendition; the line below it reaches to its 5th percentile.'
            : 'Mean VMAF of each rendition.'
        }
      >
        <RatePlot
          ladder={ladder}
          resolutions={rankResolutions(report ?? { probes: [], renditions: ladder })}
        />
      </Section>
      {error && <ProblemBox heading="The report could not be loaded" error={error} onRetry={reload} />}
      {!data && !error && <Loading what="the report" />}
      {typeof data === 'string' && <p class="muted">{data} The whole report can be opened above.</p>}
      {report && (
        <>
          <Section
            id="shots"
            heading="Shots"
            note="A bar a shot, to scale in time: as high as its bit rate, coloured by its VMAF."
          >
            <ShotsStrip report={report} rungs={ladder.map(({ id }) => id)} />
          </Section>
          <Section id="findings" heading="Findings on the master">
            <Findings findings={report.master.findings} fps={report.title.fps} />
          </Section>
        </>
      )}
    </>
  );
}
