import type { MasterAudio } from '../../ingest/index.js';
import type { AudioRole } from '../types.js';

/** How titles of tracks say what they are for, in languages whose muxers were seen to. */
const TITLES: readonly (readonly [AudioRole, RegExp])[] = [
  [
    'description',
    /audio[ -]?d[eé]s[ck]ri|described|descriptive|descripci[oó]n|h[öo]rfilm|bildbeschreibung|\bAD\b|\bDVS\b/iu,
  ],
  ['commentary', /comment(ary|aire)|kommentar|comentario|coment[aá]rio/iu],
];

/**
 * What a track is for: what the master marks it as, else what its title says. Undefined for the programme's own sound.
 */
export function roleOf({
  commentary,
  visualImpaired,
  hearingImpaired,
  title,
}: MasterAudio): AudioRole | undefined {
  if (visualImpaired) return 'description';
  if (commentary) return 'commentary';
  if (hearingImpaired) return 'clear-speech';
  return TITLES.find(([, pattern]) => title !== undefined && pattern.test(title))?.[0];
}

interface RoleSigns {
  /** In a name that a viewer sees, where the track has no title. */
  name: string;
  /** Values of urn:mpeg:dash:role:2011 (ISO/IEC 23009-1, 5.8.5.5). */
  dash: string;
  /** Of urn:tva:metadata:cs:AudioPurposeCS:2007 (ETSI TS 103 285, 7.1.2). */
  purpose?: string;
  /** CHARACTERISTICS of HLS. */
  characteristic?: string;
  /** Whether a player may choose the track because of its language alone. */
  autoselect: boolean;
}

export const ROLE_SIGNS: Record<AudioRole, RoleSigns> = {
  commentary: { name: 'commentary', dash: 'commentary', autoselect: false },
  description: {
    ...{ name: 'audio description', dash: 'description', purpose: '1', autoselect: true },
    characteristic: 'public.accessibility.describes-video',
  },
  'clear-speech': {
    ...{ name: 'clear speech', dash: 'enhanced-audio-intelligibility', purpose: '2', autoselect: true },
    characteristic: 'public.accessibility.enhances-speech-intelligibility',
  },
};
