import { frameSeconds } from '../media/index.js';
import type { Report } from '../report/index.js';
import type { TitleResult } from './flow.js';

/** What the report says of a title's encryption; undefined where it is not encrypted. */
export function reportProtection({
  encryption,
  packaged,
  renditions: [video],
}: Pick<TitleResult, 'encryption' | 'packaged' | 'renditions'>): Report['protection'] {
  if (!encryption) return undefined;
  const { scheme, systems, preset, clearLeadSeconds, contentId, keyService, keys } = encryption;
  const { periodStarts } = encryption;
  const renditions = packaged.protection ?? [];
  return {
    ...{ scheme, systems, preset, clearLeadSeconds, contentId, keyService },
    ...(periodStarts && video
      ? {
          keyPeriods: periodStarts.map((startFrame) => ({
            startFrame,
            startSeconds: Number(frameSeconds(startFrame, video.fps).toFixed(6)),
          })),
        }
      : {}),
    keys: keys.map(({ label, kid, period }) => {
      const own = renditions.filter((rendition) => rendition.kid === kid);
      return {
        ...{ label, keyId: kid },
        ...(period === undefined ? {} : { period }),
        ...(scheme === 'cbcs' && own[0] ? { constantIv: own[0].iv } : {}),
        renditions: own.map(({ id }) => id),
      };
    }),
  };
}
