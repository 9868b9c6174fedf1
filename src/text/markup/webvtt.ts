import type { Notes } from '../findings.js';
import type { CueContent, CueElement, CueTag } from '../types.js';
import { tidy } from './content.js';
import { decodeEntities, escapeText } from './entities.js';
import { TreeBuilder } from './tree.js';

const TAGS: ReadonlySet<string> = new Set(['b', 'i', 'u', 'c', 'lang', 'v', 'ruby', 'rt'] satisfies CueTag[]);

/** A tag: its slash, name, classes and annotation. The parts exclude each other's first characters: linear time. */
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\.[^\s.<>/]+)*)(?:[ \t\n]([^<>]*)|\/?)>/y;
const TIMESTAMP = /<\d[\d:.]*>/y;
/** Elements whose content is no text. */
const UNSEEN = new Set(['script', 'style']);

const isTag = (name: string): name is CueTag => TAGS.has(name);

function shapeOf(tag: CueTag, classes: string, annotation: string): Omit<CueElement, 'content'> | undefined {
  const names = classes === '' ? [] : classes.slice(1).split('.');
  const said = decodeEntities(annotation)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const annotated = tag === 'lang' || tag === 'v';
  // A class without a name and a language of none mean nothing.
  if ((tag === 'c' && names.length === 0) || (tag === 'lang' && said === '')) return undefined;
  return {
    tag,
    ...(names.length > 0 ? { classes: names } : {}),
    ...(annotated && said !== '' ? { annotation: said } : {}),
  };
}

/** Reads the payload of a WebVTT cue. Tags that WebVTT has not are taken out, what they mark stays. */
export function readCueText(payload: string, line: number, notes: Notes): CueContent {
  const tree = new TreeBuilder();
  let unseen: string | undefined;
  let at = 0;
  while (at < payload.length) {
    const bracket = payload.indexOf('<', at);
    const end = bracket < 0 ? payload.length : bracket;
    if (unseen === undefined) tree.text(decodeEntities(payload.slice(at, end)));
    if (bracket < 0) break;
    TAG.lastIndex = TIMESTAMP.lastIndex = bracket;
    const tag = TAG.exec(payload);
    if (tag) {
      at = TAG.lastIndex;
      unseen = handle(tag, unseen, { tree, line, notes });
    } else if (TIMESTAMP.test(payload)) {
      at = TIMESTAMP.lastIndex;
      notes.add('text-markup-dropped', line, 'times within a cue (karaoke) are left out');
    } else {
      at = bracket + 1;
      if (unseen === undefined) tree.text('<');
      notes.add('text-repaired', line, 'a "<" that begins no tag is taken for text');
    }
  }
  const content = tidy(tree.end());
  if (tree.unbalanced) notes.add('text-repaired', line, 'tags that are not balanced are closed in order');
  return content;
}

interface Target {
  tree: TreeBuilder;
  line: number;
  notes: Notes;
}

/** Acts on a tag; gives the name of the element whose content is being left out, if that is so. */
function handle(tag: RegExpExecArray, unseen: string | undefined, target: Target): string | undefined {
  const [, slash, rawName = '', classes = '', annotation = ''] = tag;
  const { tree, line, notes } = target;
  const name = rawName.toLowerCase();
  if (unseen !== undefined) return slash !== '' && name === unseen ? undefined : unseen;
  if (isTag(name)) {
    if (slash === '') tree.open(name, shapeOf(name, classes, annotation));
    else tree.close(name);
    return undefined;
  }
  notes.add('text-markup-dropped', line, `tags that WebVTT has not (<${name}>) are left out`);
  return slash === '' && UNSEEN.has(name) ? name : undefined;
}

function annotationText(annotation: string | undefined): string {
  return annotation === undefined ? '' : ` ${escapeText(annotation)}`;
}

/** The payload of a cue: what `readCueText` reads back as the same. */
export function writeCueText(content: CueContent): string {
  return content
    .map((node) => {
      if (typeof node === 'string') return escapeText(node);
      const classes = (node.classes ?? []).map((name) => `.${name}`).join('');
      return `<${node.tag}${classes}${annotationText(node.annotation)}>${writeCueText(node.content)}</${node.tag}>`;
    })
    .join('');
}
