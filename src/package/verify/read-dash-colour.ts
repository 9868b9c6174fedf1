import type { CodePoints } from '../cicp.js';

/** What an adaptation set says of the colour of its representations. */
export interface DashColour {
  /** Folders of the initialisation segments. */
  folders: string[];
  points: Partial<CodePoints>;
}

const NAMES = {
  primaries: 'ColourPrimaries',
  transfer: 'TransferCharacteristics',
  matrix: 'MatrixCoefficients',
} as const;

/** Reads the colour properties, essential or supplemental, of all adaptation sets of pictures. mpd-parser ignores them. */
export function readDashColours(mpd: string): DashColour[] {
  return [...mpd.matchAll(/<AdaptationSet\b[^>]*\bcontentType="video"[\s\S]*?<\/AdaptationSet>/g)].map(
    ([set]) => {
      const folders = [...set.matchAll(/\binitialization="([^"]*)\/[^"/]*"/g)].map((match) => match[1] ?? '');
      const points: Partial<CodePoints> = {};
      for (const [key, name] of Object.entries(NAMES) as [keyof CodePoints, string][]) {
        const property = new RegExp(
          `<(?:Essential|Supplemental)Property\\s+schemeIdUri="urn:mpeg:mpegB:cicp:${name}"\\s+value="(\\d+)"`,
        );
        const value = property.exec(set)?.[1];
        if (value !== undefined) points[key] = Number(value);
      }
      return { folders, points };
    },
  );
}
