import type { JSX } from 'preact';
import { grouped } from '../../../report/browser.js';
import type { Progress } from '../../../services/contract/schema.js';
import {
  percent,
  type StageProgress,
  stageCondition,
  stageShare,
  stageText,
  summary,
} from '../state/progress.js';
import { Bar } from './bar.js';

/** The stages of a running title in two lines: a bar for each, and in words what is under way. */
export function CompactStages({ progress }: { progress: Progress }): JSX.Element {
  return (
    <div class="compact-stages">
      <ul class="stage-bars">
        {progress.stages.map((stage) => (
          <li
            key={stage.stage}
            data-condition={stageCondition(stage)}
            title={`${stage.stage}: ${stageText(stage)}`}
          >
            <Bar share={stageShare(stage)} condition={stageCondition(stage)} />
            <span class="stage-name">{stage.stage}</span>
            <span class="visually-hidden">
              {percent(stageShare(stage))}%, {stageText(stage)}
            </span>
          </li>
        ))}
      </ul>
      <p class="stage-summary" aria-hidden="true">
        {summary(progress)}
      </p>
    </div>
  );
}

function framesText({ work }: StageProgress): string {
  return work && work.total > 0
    ? `; in those running ${grouped(work.done)} of ${grouped(work.total)} frames`
    : '';
}

/** The stages of a running title, a line for each. */
export function FullStages({ progress }: { progress: Progress }): JSX.Element {
  return (
    <ul class="full-stages">
      {progress.stages.map((stage) => {
        const done = percent(stageShare(stage));
        return (
          <li key={stage.stage} data-condition={stageCondition(stage)}>
            <span class="stage-name" id={`stage-${stage.stage}`}>
              {stage.stage}
            </span>
            <span
              role="progressbar"
              aria-labelledby={`stage-${stage.stage}`}
              aria-valuenow={done}
              aria-valuetext={`${done}%, ${stageText(stage)}`}
            >
              <Bar share={stageShare(stage)} condition={stageCondition(stage)} />
            </span>
            <span class="stage-percent">{done}%</span>
            <span class="stage-text">
              {stageText(stage)}
              {framesText(stage)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
