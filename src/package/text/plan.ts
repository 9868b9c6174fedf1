import type { TextResult } from '../../text/index.js';
import { languageTag } from '../audio/language.js';
import { cleanName } from '../packager/names.js';
import type { TextTrack } from '../types.js';

/** What is known of a text beside its cues. */
export interface TextLabels {
  /** Any language tag; `und` where it is not known. */
  language: string;
  /** What viewers choose it by; made of the language unless given. */
  name?: string;
  kind: TextTrack['kind'];
  forced: boolean;
  default: boolean;
}

/** A text with what the text stage made of it. */
export interface MadeText extends TextLabels {
  result: TextResult;
  /** Languages of caption channels, e.g. `CC1`. */
  channelLanguages?: Readonly<Record<string, string>>;
}

/** The first of `base`, `base 2`, `base 3` … that is not taken yet, taken now. */
function unique(base: string, separator: string, taken: Set<string>): string {
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}${separator}${count}`;
  taken.add(name);
  return name;
}

/**
 * The text tracks of a title, in the order of the texts: ids and names are unique, one track at most is the default, and of
 * those for the same viewers (language, kind, forced) only the first is chosen by players themselves.
 */
export function textTracks(texts: readonly MadeText[]): TextTrack[] {
  const ids = new Set<string>();
  const names = new Set<string>();
  const viewers = new Set<string>();
  let hasDefault = false;
  return texts.flatMap(({ result, channelLanguages = {}, ...labels }) =>
    result.tracks.map(({ channel, blob, cues }): TextTrack => {
      const language = languageTag((channel && channelLanguages[channel]) ?? labels.language);
      const { kind, forced } = labels;
      const traits = [...(kind === 'captions' ? ['SDH'] : []), ...(forced ? ['forced'] : [])];
      const id = unique(
        ['text', language, ...traits.map((trait) => trait.toLowerCase())].join('-'),
        '-',
        ids,
      );
      const said = cleanName(labels.name ?? '');
      const named = [language === 'und' ? 'Text' : language, ...traits].join(' ');
      const viewer = [language, ...traits].join(' ');
      const autoselect = !viewers.has(viewer);
      viewers.add(viewer);
      const isDefault: boolean = labels.default && !hasDefault;
      hasDefault ||= isDefault;
      return {
        ...{ id, language, name: unique(said || named, ' ', names), kind, forced },
        ...{ default: isDefault, autoselect: autoselect || isDefault, blob, cues },
      };
    }),
  );
}
