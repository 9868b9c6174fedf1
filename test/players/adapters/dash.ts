/// <reference lib="dom" />
import type { MediaPlayerClass } from 'dashjs';
import type { Adapter } from '../adapter.js';

interface Dash {
  MediaPlayer: () => { create(): MediaPlayerClass };
}

/** Runs in the page. */
export function installDash(): void {
  const { dashjs } = window as unknown as { dashjs: Dash };
  const player = dashjs.MediaPlayer().create();
  const errors: string[] = [];
  const languages = (type: 'audio' | 'text'): string[] =>
    player.getTracksFor(type).map(({ lang }) => lang ?? '');
  const adapter: Adapter = {
    errors,
    load(manifest, license) {
      player.initialize(document.querySelector('video')!, undefined, false);
      player.on('error', ({ error }: { error: unknown }) => {
        const { code, message } = error as { code?: number; message?: string };
        errors.push(`dash.js ${code ?? ''} ${message ?? String(error)}`);
      });
      if (license) {
        player.registerLicenseRequestFilter(async (request) => {
          const answer = await fetch('/license/token', { method: 'POST' });
          const { token } = (await answer.json()) as { token: string };
          Object.assign(request.headers, {
            Authorization: `Bearer ${token}`,
            'X-License-Device': license.device,
          });
        });
      }
      return new Promise((done) => {
        player.on('streamInitialized', () => done());
        player.on('error', () => done());
        player.attachSource(manifest);
      });
    },
    heights: () => player.getRepresentationsByType('video').map(({ height }) => height),
    chooseHeight(height) {
      player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
      const wanted = player.getRepresentationsByType('video').find((one) => one.height === height);
      if (wanted) player.setRepresentationForTypeById('video', wanted.id, true);
    },
    audios: () => languages('audio'),
    chooseAudio(language) {
      const track = player.getTracksFor('audio').find(({ lang }) => lang === language);
      if (track) player.setCurrentTrack(track);
    },
    thumbnail: (seconds) =>
      new Promise((done) => {
        player.provideThumbnail(seconds, (thumbnail) => {
          if (!thumbnail) return done(undefined);
          const { url: uri = '', x = NaN, y = NaN, width = NaN, height = NaN } = thumbnail;
          done({ uri, x, y, width, height });
        });
      }),
    texts: () => languages('text'),
    chooseText(language) {
      player.enableText(true);
      player.setTextTrack(languages('text').indexOf(language));
    },
  };
  Object.assign(window, { adapter });
}
