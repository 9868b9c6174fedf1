import type { Report } from '../report/index.js';
import type { TitleResult } from './flow.js';

/** What the report says of a title's encryption; undefined where it is not encrypted. */
export function reportProtection({
  encryption,
  packaged,
}: Pick<TitleResult, 'encryption' | 'packaged'>): Report['protection'] {
  if (!encryption) return undefined;
  const { scheme, systems, preset, clearLeadSeconds, contentId, keyService, keys } = encryption;
  const renditions = packaged.protection ?? [];
  return {
    ...{ scheme, systems, preset, clearLeadSeconds, contentId, keyService },
    keys: keys.map(({ label, kid }) => {
      const own = renditions.filter((rendition) => rendition.kid === kid);
      return {
        ...{ label, keyId: kid },
        ...(scheme === 'cbcs' && own[0] ? { constantIv: own[0].iv } : {}),
        renditions: own.map(({ id }) => id),
      };
    }),
  };
}
