import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { kilobits } from '../../../../report/browser.js';
import type { ApiTitle } from '../../../../services/contract/schema.js';
import { filePath } from '../../api/client.js';
import { ApiError } from '../../api/error.js';
import { useApp } from '../../parts/context.js';
import { Loading, PageHeading } from '../../parts/page.js';
import { ProblemBox } from '../../parts/problem.js';
import { useResource } from '../../parts/use-resource.js';
import { routeHref } from '../../route.js';
import { codecName } from '../../state/words.js';
import type { ShakaTrack } from './shaka.js';
import { type Playback, usePlayer } from './use-player.js';

type Result = NonNullable<ApiTitle['result']>;

/** `DASH`, `HLS`, by the manifest's file name. */
function kindOf(path: string): string {
  return path.endsWith('.m3u8') ? 'HLS' : 'DASH';
}

function nameOf(track: ShakaTrack): string {
  return `${track.width ?? '?'}×${track.height ?? '?'}, ${kilobits(track.bandwidth)} kbit/s with sound`;
}

/** What is on the screen now, with the score of its rendition where there is no doubt which it is. */
function Now({ playback: { active }, result }: { playback: Playback; result: Result }): JSX.Element {
  const same = result.renditions.filter(
    ({ width, height }) => width === active?.width && height === active.height,
  );
  const rendition =
    result.renditions.find(({ id }) => id === active?.originalVideoId) ??
    (same.length === 1 ? same[0] : undefined);
  return (
    <dl class="now">
      <div>
        <dt>On the screen</dt>
        <dd>{active ? `${active.width ?? '?'}×${active.height ?? '?'}` : '–'}</dd>
      </div>
      <div>
        <dt>Rendition</dt>
        <dd>{rendition?.id ?? '–'}</dd>
      </div>
      <div>
        <dt>Codec</dt>
        <dd>{rendition ? codecName(rendition.codec) : (active?.videoCodec ?? '–')}</dd>
      </div>
      <div>
        <dt>VMAF of the title</dt>
        <dd>{rendition?.vmaf.toFixed(2) ?? '–'}</dd>
      </div>
    </dl>
  );
}

function Controls(props: {
  manifests: readonly string[];
  chosen: string | undefined;
  onManifest: (path: string) => void;
  playback: Playback;
}): JSX.Element {
  const { tracks, choose } = props.playback;
  return (
    <div class="plot-controls">
      <label>
        Quality{' '}
        <select
          onChange={(event) => choose(tracks.find(({ id }) => String(id) === event.currentTarget.value))}
        >
          <option value="">automatic</option>
          {tracks.map((track) => (
            <option key={track.id} value={track.id}>
              {nameOf(track)}
            </option>
          ))}
        </select>
      </label>
      {props.manifests.length > 1 && (
        <label>
          Manifest{' '}
          <select value={props.chosen} onChange={(event) => props.onManifest(event.currentTarget.value)}>
            {props.manifests.map((path) => (
              <option key={path} value={path}>
                {kindOf(path)}: {path}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function Player({ title, result }: { title: ApiTitle; result: Result }): JSX.Element {
  const [chosen, setChosen] = useState(result.manifests[0]);
  const playback = usePlayer(chosen === undefined ? undefined : filePath(title.id, chosen));
  return (
    <>
      {playback.error && (
        <ProblemBox heading="It cannot be played" error={new ApiError(0, playback.error.message)} />
      )}
      <video ref={playback.video} controls playsInline aria-label={title.name} />
      <Controls
        key={chosen}
        manifests={result.manifests}
        chosen={chosen}
        onManifest={setChosen}
        playback={playback}
      />
      <Now playback={playback} result={result} />
    </>
  );
}

/** Plays a title that is done. */
export function PlayPage({ id }: { id: string }): JSX.Element {
  const { api } = useApp();
  const { data: title, error, reload } = useResource(id, (signal) => api.title(id, signal));
  return (
    <>
      <p class="crumbs">
        <a href={routeHref({ page: 'titles', query: {} })}>Titles</a> /{' '}
        <a href={routeHref({ page: 'title', id })}>{title?.name ?? id}</a>
      </p>
      <PageHeading text={title ? `Play ${title.name}` : 'Play'} />
      {error && <ProblemBox heading="The title could not be loaded" error={error} onRetry={reload} />}
      {!title && !error && <Loading what="the title" />}
      {title && !title.result && <p>It is not done: there is nothing to play yet.</p>}
      {title?.result && <Player title={title} result={title.result} />}
    </>
  );
}
