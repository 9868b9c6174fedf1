import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { SHAKA_SETTINGS } from '../../../shaka-settings.js';
import { useApp } from '../../parts/context.js';
import { type ShakaPlayer, type ShakaTrack, loadShaka, shakaError } from './shaka.js';

export interface Playback {
  video: RefObject<HTMLVideoElement | null>;
  /** One for each rendition, the best first; empty until the manifest is read. */
  tracks: ShakaTrack[];
  active: ShakaTrack | undefined;
  error: Error | undefined;
  /** Stays with a rendition; undefined lets the player choose again. */
  choose: (track: ShakaTrack | undefined) => void;
}

/** One track for every video stream, whatever audio goes with it. */
function byVideo(tracks: readonly ShakaTrack[]): ShakaTrack[] {
  const first = new Map<number | null, ShakaTrack>();
  for (const track of tracks) if (!first.has(track.videoId)) first.set(track.videoId, track);
  return [...first.values()].sort((a, b) => (b.height ?? 0) - (a.height ?? 0) || b.bandwidth - a.bandwidth);
}

/** Plays a manifest of the API's; undefined waits. */
export function usePlayer(manifest: string | undefined): Playback {
  const { api } = useApp();
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<ShakaPlayer | undefined>(undefined);
  /** Settles when the player before has ended. */
  const leaving = useRef<Promise<unknown> | undefined>(undefined);
  /** Where pictures that are being loaded begin, seconds: Shaka Player goes there when it knows their sizes, after load(). */
  const place = useRef<number | undefined>(undefined);
  const [tracks, setTracks] = useState<ShakaTrack[]>([]);
  const [error, setError] = useState<Error>();

  useEffect(() => {
    const element = video.current;
    if (manifest === undefined || element === null) return;
    let gone = false;
    /** What was played before goes on where it was. */
    const before = { seconds: place.current ?? element.currentTime, playing: !element.paused };
    place.current = before.seconds;
    const arrived = (): void => void (place.current = undefined);
    element.addEventListener('loadedmetadata', arrived);
    let mine: ShakaPlayer | undefined;
    const fail = (failure: unknown): void => {
      if (!gone) setError(shakaError(failure));
    };
    const start = async (): Promise<void> => {
      const { Player } = await loadShaka();
      // It lets go of the video in its own time.
      await leaving.current;
      if (gone) return;
      if (!Player.isBrowserSupported()) throw new Error('This browser cannot play streams of segments.');
      mine = new Player();
      mine.configure(SHAKA_SETTINGS);
      player.current = mine;
      const refresh = (): void => setTracks(gone || !mine ? [] : mine.getVariantTracks());
      for (const type of ['adaptation', 'variantchanged', 'trackschanged'])
        mine.addEventListener(type, refresh);
      mine.addEventListener('error', ({ detail }) => fail(detail));
      mine.getNetworkingEngine().registerRequestFilter((_type, request) => {
        // The token is for the own server, wherever a manifest may point.
        const own = request.uris.every((uri) => new URL(uri, location.href).origin === location.origin);
        if (own) Object.assign(request.headers, api.headers());
      });
      await mine.attach(element);
      await mine.load(manifest, before.seconds);
      refresh();
      if (before.playing && !gone) await element.play();
    };
    setError(undefined);
    setTracks([]);
    start().catch(fail);
    return () => {
      gone = true;
      element.removeEventListener('loadedmetadata', arrived);
      player.current = undefined;
      leaving.current = mine?.destroy().catch(() => undefined); // nobody is left to be told
    };
  }, [api, manifest]);

  return {
    video,
    tracks: byVideo(tracks),
    active: tracks.find(({ active }) => active),
    error,
    choose: (track) => {
      player.current?.configure('abr.enabled', track === undefined);
      if (track) player.current?.selectVariantTrack(track, true);
    },
  };
}
