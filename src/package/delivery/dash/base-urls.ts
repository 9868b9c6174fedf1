import type { Origin } from '../types.js';

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * An MPD whose files are at several servers (BaseURL with serviceLocation), among which a steering server may choose
 * (DASH-IF Content Steering, ETSI TS 103 998). Players without steering begin with the first server.
 */
export function withBaseUrls(mpd: string, origins: readonly Origin[], steeringUrl?: string): string {
  const [first] = origins;
  if (!first) return mpd;
  const urls = origins.map(
    ({ id, url }) => `  <BaseURL serviceLocation="${escapeXml(id)}">${escapeXml(url)}</BaseURL>\n`,
  );
  const steering =
    steeringUrl === undefined
      ? ''
      : `  <ContentSteering defaultServiceLocation="${escapeXml(first.id)}" queryBeforeStart="true">${escapeXml(steeringUrl)}</ContentSteering>\n`;
  return mpd.replace(/<MPD\b[^>]*>\n/, (root) => root + urls.join('') + steering);
}
