import { type KeyLabel, keyIdOf } from '../../keys/index.js';
import type { KeyPreset, TitleKey } from '../types.js';

/** Most pixels of a picture that SD and HD keys open, as CPIX counts them: whichever way up the picture is. */
const SD_PIXELS = 1024 * 576;
const HD_PIXELS = 1920 * 1080;

interface Size {
  width: number;
  height: number;
}

/** The label of the key that a video rendition is encrypted with. */
export function videoLabel({ width, height }: Size, preset: KeyPreset): KeyLabel {
  if (preset === 'single') return 'ALL';
  const pixels = width * height;
  if (pixels <= SD_PIXELS) return 'SD';
  return pixels <= HD_PIXELS ? 'HD' : 'UHD';
}

/** The label of the key that sound is encrypted with. */
export function audioLabel(preset: KeyPreset): KeyLabel {
  return preset === 'single' ? 'ALL' : 'AUDIO';
}

const ORDER: readonly KeyLabel[] = ['SD', 'HD', 'UHD', 'AUDIO', 'ALL'];

/**
 * The keys that a title needs, period by period, of each the lowest tier first: none for a tier that no rendition is of. The
 * key of the first period is that of a title which has one: rotation adds keys.
 */
export function titleKeys(
  { videos, sound }: { videos: readonly Size[]; sound: boolean },
  preset: KeyPreset,
  contentId: string,
  periods = 1,
): TitleKey[] {
  const used = new Set(videos.map((video) => videoLabel(video, preset)));
  if (sound) used.add(audioLabel(preset));
  const labels = ORDER.filter((label) => used.has(label));
  return Array.from({ length: periods }, (_, period) => period).flatMap((period) =>
    labels.map((label) => ({
      ...{ label, kid: keyIdOf(contentId, label, period) },
      // Key services are told of periods where there are several.
      ...(periods > 1 ? { period } : {}),
    })),
  );
}
