import shakaUrl from 'shaka-player/dist/shaka-player.compiled-es2021.js?url';

/** The part of Shaka Player's interface that is used here. */
export interface ShakaTrack {
  id: number;
  active: boolean;
  videoId: number | null;
  height: number | null;
  width: number | null;
  bandwidth: number;
  videoCodec: string | null;
  originalVideoId: string | null;
}

interface ShakaRequest {
  uris: string[];
  headers: Record<string, string>;
}

export interface ShakaPlayer {
  attach(video: HTMLVideoElement): Promise<void>;
  /** From `startTime`, seconds. */
  load(uri: string, startTime: number): Promise<void>;
  destroy(): Promise<void>;
  addEventListener(type: string, listener: (event: { detail?: unknown }) => void): void;
  getNetworkingEngine(): {
    registerRequestFilter(filter: (type: number, request: ShakaRequest) => void): void;
  };
  getVariantTracks(): ShakaTrack[];
  selectVariantTrack(track: ShakaTrack, clearBuffer: boolean): void;
  configure(settings: object): void;
  configure(path: string, value: unknown): void;
}

interface Shaka {
  Player: { new (): ShakaPlayer; isBrowserSupported(): boolean };
  polyfill: { installAll(): void };
}

let loading: Promise<Shaka> | undefined;

/** Shaka Player, loaded when somebody first wants to play: it is ten times as large as the rest of the dashboard. */
export function loadShaka(): Promise<Shaka> {
  loading ??= new Promise<Shaka>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = shakaUrl;
    script.onload = () => {
      const { shaka } = window as unknown as { shaka: Shaka };
      shaka.polyfill.installAll();
      resolve(shaka);
    };
    script.onerror = () => {
      loading = undefined;
      reject(new Error('The player could not be loaded.'));
    };
    document.head.append(script);
  });
  return loading;
}

/** A failure of Shaka's as an Error: it throws objects with a number. */
export function shakaError(failure: unknown): Error {
  if (failure instanceof Error && !('code' in failure)) return failure;
  const { code, data } = (failure ?? {}) as { code?: number; data?: unknown[] };
  // 1001: bad status; the second datum is the status.
  const status = code === 1001 ? `: the server answered ${String(data?.[1])}` : '';
  return new Error(`Shaka Player error ${code ?? 'unknown'}${status}`);
}
