/// <reference lib="dom" />
import type { Adapter } from '../adapter.js';

interface Track {
  id: number;
  active: boolean;
  height: number;
  language: string;
}
interface Player extends EventTarget {
  attach(video: HTMLVideoElement): Promise<void>;
  configure(path: string, value: unknown): void;
  load(url: string): Promise<void>;
  getVariantTracks(): Track[];
  selectVariantTrack(track: Track, clearBuffer: boolean): void;
  getAudioTracks(): { language: string }[];
  selectAudioTrack(track: { language: string }): void;
  getTextTracks(): Track[];
  selectTextTrack(track: Track | null): void;
  getImageTracks(): Track[];
  getThumbnails(track: number, seconds: number): Promise<Sheet | null>;
  getNetworkingEngine(): {
    registerRequestFilter(filter: (type: number, request: Request) => void | Promise<void>): void;
  };
}
interface Sheet {
  uris: string[];
  positionX: number;
  positionY: number;
  width: number;
  height: number;
}
interface Request {
  headers: Record<string, string>;
}
interface Shaka {
  Player: new () => Player;
  net: { NetworkingEngine: { RequestType: { LICENSE: number } } };
}

/** Runs in the page. */
export function installShaka(): void {
  const { shaka } = window as unknown as { shaka: Shaka };
  const player = new shaka.Player();
  const errors: string[] = [];
  const sayError = (error: unknown): void =>
    void errors.push(`Shaka Player ${(error as { code?: number }).code ?? String(error)}`);
  player.addEventListener('error', (event) => sayError((event as CustomEvent).detail));
  const variants = (height: number): Track[] =>
    player.getVariantTracks().filter((track) => track.height === height);
  const adapter: Adapter = {
    errors,
    async load(manifest, license) {
      await player.attach(document.querySelector('video')!);
      if (license) {
        // It knows no key format of ClearKey's in HLS; in DASH it takes the box for its own system.
        player.configure('drm.servers', {
          'com.widevine.alpha': '/license/clearkey',
          'org.w3.clearkey': '/license/clearkey',
        });
        if (manifest.endsWith('.m3u8'))
          player.configure('drm.keySystemsMapping', { 'com.widevine.alpha': 'org.w3.clearkey' });
        player.getNetworkingEngine().registerRequestFilter(async (type, request) => {
          if (type !== shaka.net.NetworkingEngine.RequestType.LICENSE) return;
          const answer = await fetch('/license/token', { method: 'POST' });
          const { token } = (await answer.json()) as { token: string };
          Object.assign(request.headers, {
            Authorization: `Bearer ${token}`,
            'X-License-Device': license.device,
          });
        });
      }
      player.configure('streaming.segmentPrefetchLimit', 0);
      await player.load(manifest).catch(sayError);
      // By HLS it never shows text that is first chosen when all is buffered: docs/players.md.
      player.selectTextTrack(player.getTextTracks()[0] ?? null);
      player.selectTextTrack(null);
    },
    heights: () => [...new Set(player.getVariantTracks().map(({ height }) => height))],
    chooseHeight(height) {
      player.configure('abr.enabled', false);
      const now = player.getVariantTracks().find(({ active }) => active);
      const same = variants(height);
      const track = same.find(({ language }) => language === now?.language) ?? same[0];
      if (track) player.selectVariantTrack(track, true);
    },
    audios: () => player.getAudioTracks().map(({ language }) => language),
    chooseAudio(language) {
      const track = player.getAudioTracks().find((candidate) => candidate.language === language);
      if (track) player.selectAudioTrack(track);
    },
    async thumbnail(seconds) {
      const [track] = player.getImageTracks();
      const sheet = track && (await player.getThumbnails(track.id, seconds));
      if (!sheet) return undefined;
      const { positionX: x, positionY: y, width, height } = sheet;
      return { uri: sheet.uris[0] ?? '', x, y, width, height };
    },
    texts: () => player.getTextTracks().map(({ language }) => language),
    chooseText(language) {
      const track = player.getTextTracks().find((candidate) => candidate.language === language);
      if (track) player.selectTextTrack(track);
    },
  };
  Object.assign(window, { adapter });
}
