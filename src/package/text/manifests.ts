import { MEDIA_PLAYLIST } from '../packager/args.js';
import { formatAttributes, quoted } from '../packager/attributes.js';
import { folderOf } from '../packager/names.js';
import type { TextTrack } from '../types.js';
import { TEXT_TIMESCALE } from './segments.js';
import type { WrittenText } from './write.js';

/** GROUP-ID of all text tracks. */
export const TEXT_GROUP = 'text';

export const textPlaylistPath = ({ id }: TextTrack): string => `${folderOf('text', id)}/${MEDIA_PLAYLIST}`;

/** What Apple asks of captions for people who do not hear well (HLS authoring specification, 5.8). */
const SDH = 'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound';

const yesNo = (value: boolean): string => (value ? 'YES' : 'NO');

/** EXT-X-MEDIA of a text track (RFC 8216, 4.3.4.1). */
export function textMediaLine(track: TextTrack): string {
  const { language, name, kind, forced } = track;
  return `#EXT-X-MEDIA:${formatAttributes(
    new Map([
      ['TYPE', 'SUBTITLES'],
      ['URI', quoted(textPlaylistPath(track))],
      ['GROUP-ID', quoted(TEXT_GROUP)],
      ...(language === 'und' ? [] : [['LANGUAGE', quoted(language)] as const]),
      ['NAME', quoted(name)],
      ['DEFAULT', yesNo(track.default)],
      ['AUTOSELECT', yesNo(track.autoselect)],
      ['FORCED', yesNo(forced)],
      ...(kind === 'captions' ? [['CHARACTERISTICS', quoted(SDH)] as const] : []),
    ]),
  )}`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Equal durations in a row are one entry of a SegmentTimeline. */
function timeline(durations: readonly number[]): string[] {
  const entries: { duration: number; repeat: number }[] = [];
  for (const duration of durations) {
    const last = entries.at(-1);
    if (last?.duration === duration) last.repeat += 1;
    else entries.push({ duration, repeat: 0 });
  }
  return entries.map(({ duration, repeat }, index) => {
    const start = index === 0 ? 't="0" ' : '';
    return `            <S ${start}d="${duration}"${repeat > 0 ? ` r="${repeat}"` : ''}/>`;
  });
}

const ROLE = 'urn:mpeg:dash:role:2011';

function rolesOf({ kind, forced, default: isDefault }: TextTrack): string[] {
  return [
    ...(isDefault ? ['main'] : []),
    kind === 'captions' ? 'caption' : 'subtitle',
    ...(forced ? ['forced-subtitle'] : []),
  ];
}

/**
 * The adaptation set of a text track, as the packager writes others: its number and the number of its representation are
 * put in when manifests are merged. `AudioPurposeCS` 2 is for people who do not hear well (ETSI TS 103 285, 7.1.2).
 */
export function textAdaptationSet({ track, durations, dash }: WrittenText): string {
  const { id, language, name, kind } = track;
  const folder = folderOf('text', id);
  const accessible =
    kind === 'captions'
      ? ['      <Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="2"/>']
      : [];
  return [
    `    <AdaptationSet id="0" contentType="text"${language === 'und' ? '' : ` lang="${language}"`} segmentAlignment="true">`,
    `      <Label>${escaped(name)}</Label>`,
    ...accessible,
    ...rolesOf(track).map((role) => `      <Role schemeIdUri="${ROLE}" value="${role}"/>`),
    `      <Representation id="0" bandwidth="${dash}" codecs="wvtt" mimeType="application/mp4">`,
    `        <SegmentTemplate timescale="${TEXT_TIMESCALE}" initialization="${folder}/init.mp4" media="${folder}/$Number$.m4s" startNumber="1">`,
    '          <SegmentTimeline>',
    ...timeline(durations),
    '          </SegmentTimeline>',
    '        </SegmentTemplate>',
    '      </Representation>',
    '    </AdaptationSet>',
    '',
  ].join('\n');
}
