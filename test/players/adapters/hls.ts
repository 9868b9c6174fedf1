/// <reference lib="dom" />
import type Hls from 'hls.js';
import type { Adapter } from '../adapter.js';

/** Runs in the page. */
export function installHls(): void {
  const { Hls: Player } = window as unknown as { Hls: typeof Hls };
  const errors: string[] = [];
  let hls: Hls;
  const adapter: Adapter = {
    errors,
    load(manifest, license) {
      hls = new Player({
        ...(license
          ? {
              emeEnabled: true,
              drmSystems: { 'org.w3.clearkey': { licenseUrl: '/license/clearkey' } },
              licenseXhrSetup: async (xhr: XMLHttpRequest, url: string) => {
                const answer = await fetch('/license/token', { method: 'POST' });
                const { token } = (await answer.json()) as { token: string };
                xhr.open('POST', url, true);
                xhr.setRequestHeader('Authorization', `Bearer ${token}`);
                xhr.setRequestHeader('X-License-Device', license.device);
              },
            }
          : {}),
      });
      const { INTERNAL_ABORTED, BUFFER_STALLED_ERROR } = Player.ErrorDetails;
      hls.on(Player.Events.ERROR, (_event, { details, fatal, error }) => {
        // What it stopped itself for a switch, and that a busy machine was late, are no faults of a stream.
        if (!fatal && (details === INTERNAL_ABORTED || details === BUFFER_STALLED_ERROR)) return;
        errors.push(`hls.js ${details}${fatal ? ' (fatal)' : ''}: ${error.message}`);
      });
      return new Promise((done) => {
        hls.once(Player.Events.MANIFEST_PARSED, () => done());
        hls.once(Player.Events.ERROR, () => done());
        hls.loadSource(manifest);
        hls.attachMedia(document.querySelector('video')!);
      });
    },
    heights: () => [...new Set(hls.levels.map(({ height }) => height))],
    chooseHeight(height) {
      hls.nextLevel = hls.levels.findIndex((level) => level.height === height);
    },
    audios: () => hls.audioTracks.map(({ lang }) => lang ?? ''),
    chooseAudio(language) {
      hls.audioTrack = hls.audioTracks.findIndex(({ lang }) => lang === language);
    },
    thumbnail: () => Promise.resolve(undefined), // it knows no image playlists; pages bring the storyboard themselves
    texts: () => hls.subtitleTracks.map(({ lang }) => lang ?? ''),
    chooseText(language) {
      hls.subtitleTrack = hls.subtitleTracks.findIndex(({ lang }) => lang === language);
      hls.subtitleDisplay = true;
    },
  };
  Object.assign(window, { adapter });
}
