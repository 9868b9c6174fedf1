/** What the tests do with a player, whichever it is. It lives in the page, as `window.adapter`. */
export interface Adapter {
  /** Starts the player on a manifest. Licences come from this server's `/license/clearkey`, with a token for each. */
  load(manifest: string, license: License | undefined): Promise<void>;
  /** Heights of the renditions that can be chosen, pixels. */
  heights(): number[];
  /** Plays this height from now on, and no other. */
  chooseHeight(height: number): void;
  /** Languages of the sound, as the player names them. */
  audios(): string[];
  chooseAudio(language: string): void;
  texts(): string[];
  chooseText(language: string): void;
  /** The thumbnail of a time; undefined where the player knows of none. */
  thumbnail(seconds: number): Promise<Thumbnail | undefined>;
  /** Everything that the player reported as an error, fatal or not. */
  errors: string[];
}

/** A part of a sheet, pixels. */
export interface Thumbnail {
  uri: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface License {
  /** Of the device that tokens are bound to. */
  device: string;
}

/** Where a page finds the player's script. */
export const SCRIPTS = {
  shaka: 'node_modules/shaka-player/dist/shaka-player.compiled-es2021.js',
  'hls.js': 'node_modules/hls.js/dist/hls.js',
  'dash.js': 'node_modules/dashjs/dist/modern/umd/dash.all.min.js',
} as const;

export type PlayerName = keyof typeof SCRIPTS;
