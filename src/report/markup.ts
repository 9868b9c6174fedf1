/** Text that is already HTML or SVG. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text and numbers are escaped, markup is not, lists are joined, nothing is nothing. */
export type Part = string | number | Markup | undefined | false | readonly Part[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for element content and for quoted attributes. Control characters that HTML forbids are replaced. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd');
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}

const lines = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The template's own text with every line break and its indentation as one space: small files, same meaning. */
function compact(strings: TemplateStringsArray): readonly string[] {
  let texts = lines.get(strings);
  if (texts === undefined) {
    texts = strings.map((text) => text.replace(/\s*\n\s*/g, ' '));
    lines.set(strings, texts);
  }
  return texts;
}

/** Template tag that gives markup: html`<td>${name}</td>`. Every text put in is escaped; attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    compact(strings)
      .map((text, index) => text + render(parts[index]))
      .join('')
      .trim(),
  );
}

/** A number with at most `decimals` decimals, for SVG coordinates. */
export function round(value: number, decimals = 1): number {
  const factor = 10 ** decimals;
  // "+ 0" turns -0 into 0.
  return Math.round(value * factor) / factor + 0;
}
