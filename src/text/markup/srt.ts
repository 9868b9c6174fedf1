import type { Notes } from '../findings.js';
import type { CueAlign, CueContent, CueSettings } from '../types.js';
import { colourClass } from './colour.js';
import { tidy } from './content.js';
import { decodeEntities } from './entities.js';
import { TreeBuilder } from './tree.js';

/** An HTML tag as SubRip files have them; anything else in angle brackets is text. */
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:[ \t][^<>]*)?)\/?>/y;
/** Overrides of SubStation Alpha: `{\an8}`, `{\i1}`. */
const OVERRIDES = /\{\\([^{}]*)\}/y;
const STYLES: Readonly<Record<string, 'b' | 'i' | 'u'>> = { b: 'b', i: 'i', u: 'u', strong: 'b', em: 'i' };
const UNSEEN = new Set(['script', 'style']);

/** Where a number key of a keypad puts a cue (`\an`): 7 8 9 at the top, 4 5 6 in the middle, 1 2 3 at the bottom. */
export function keypadSettings(key: number): CueSettings {
  const align = ([undefined, 'start', undefined, 'end'] as (CueAlign | undefined)[])[((key - 1) % 3) + 1];
  return {
    ...(key >= 7 ? { line: { value: 0, percent: false } } : {}),
    ...(key >= 4 && key <= 6 ? { line: { value: 50, percent: true, align: 'center' as const } } : {}),
    ...(align ? { align } : {}),
  };
}

class SrtText {
  private readonly tree = new TreeBuilder();
  private unseen: string | undefined;
  settings: CueSettings = {};

  constructor(
    private readonly line: number,
    private readonly notes: Notes,
  ) {}

  text(text: string): void {
    if (this.unseen === undefined) this.tree.text(decodeEntities(text));
  }

  tag(slash: string, name: string, attributes: string): void {
    if (this.unseen !== undefined) {
      if (slash !== '' && name === this.unseen) this.unseen = undefined;
      return;
    }
    const style = STYLES[name];
    if (style) this.set(style, slash === '', { tag: style });
    else if (name === 'font') this.font(slash, attributes);
    else if (name === 'br') this.tree.text('\n');
    else {
      this.notes.add('text-markup-dropped', this.line, `tags that SubRip has not (<${name}>) are left out`);
      if (slash === '' && UNSEEN.has(name)) this.unseen = name;
    }
  }

  override(list: string): void {
    for (const override of list.split('\\')) {
      const placed = /^an?([1-9]\d?)$/.exec(override);
      const style = /^([biu])([01])$/.exec(override);
      if (override.startsWith('an') && placed && Number(placed[1]) <= 9) {
        this.settings = keypadSettings(Number(placed[1]));
      } else if (style) {
        const tag = style[1] as 'b' | 'i' | 'u';
        this.set(`\\${tag}`, style[2] === '1', { tag });
      } else this.notes.add('text-markup-dropped', this.line, 'effects of SubStation Alpha are left out');
    }
  }

  end(): CueContent {
    const content = tidy(this.tree.end());
    if (this.tree.unbalanced) {
      this.notes.add('text-repaired', this.line, 'tags that are not balanced are closed in order');
    }
    return content;
  }

  private set(name: string, on: boolean, shape: { tag: 'b' | 'i' | 'u' }): void {
    if (on) this.tree.open(name, shape);
    else this.tree.close(name);
  }

  private font(slash: string, attributes: string): void {
    if (slash !== '') return this.tree.close('font');
    const colour = /\bcolor\s?=\s?["']?([#\w]+)/i.exec(attributes)?.[1];
    const name = colour === undefined ? undefined : colourClass(colour);
    this.tree.open(
      'font',
      name === undefined || name === 'white' ? undefined : { tag: 'c', classes: [name] },
    );
  }
}

/** Reads the text of a SubRip cue, with the markup that players know, and where `{\an8}` and the like put it. */
export function readSrtText(
  text: string,
  line: number,
  notes: Notes,
): { content: CueContent; settings: CueSettings } {
  const target = new SrtText(line, notes);
  let at = 0;
  for (let next = nextMark(text, 0); next < text.length; next = nextMark(text, Math.max(at, next + 1))) {
    TAG.lastIndex = OVERRIDES.lastIndex = next;
    const tag = TAG.exec(text);
    const overrides = tag ? null : OVERRIDES.exec(text);
    if (!tag && !overrides) continue;
    target.text(text.slice(at, next));
    at = next + (tag ?? overrides)![0].length;
    if (tag) target.tag(tag[1] ?? '', (tag[2] ?? '').toLowerCase(), tag[3] ?? '');
    else target.override(overrides![1] ?? '');
  }
  target.text(text.slice(at));
  const content = target.end();
  return { content, settings: target.settings };
}

/** Index of the next character that may begin markup, or the text's length. */
function nextMark(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) if (text[at] === '<' || text[at] === '{') return at;
  return text.length;
}
