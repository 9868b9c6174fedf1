import { licenseConfig } from './config-error.js';

/** Values by the name that templates have for them: text, or what becomes JSON. */
export type TemplateValues = Readonly<Record<string, unknown>>;

/** `{name}` or `{name:base64}`. Braces of JSON are none: they are followed by a quote, a space or another brace. */
const PLACE = /\{([A-Za-z]+)(?::([A-Za-z0-9]+))?\}/g;

/** Refuses a template with names that have no value. Throws LICENSE_CONFIG. */
export function checkTemplate(template: string, names: readonly string[], where: string): void {
  for (const [place, name = '', form] of template.matchAll(PLACE)) {
    if (names.includes(name) && (form === undefined || form === 'base64')) continue;
    throw licenseConfig(
      `${where} has ${place}; there are ${names.map((known) => `{${known}}`).join(', ')}, each also as {…:base64}`,
    );
  }
}

/** JSON in ASCII, which may stand in a header. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : asciiJson(value);
}

function base64(value: unknown): string {
  return Buffer.from(plain(value)).toString('base64');
}

/** A header: texts as they are, everything else as JSON. Values must hold visible ASCII alone. */
export function fillHeader(template: string, values: TemplateValues): string {
  return template.replace(PLACE, (_, name: string, form?: string) =>
    form === 'base64' ? base64(values[name]) : plain(values[name]),
  );
}

/** A body: every value is written as JSON, texts with their quotes, so that none can break out of its place. */
export function fillJson(template: string, values: TemplateValues): string {
  return template.replace(PLACE, (_, name: string, form?: string) =>
    JSON.stringify(form === 'base64' ? base64(values[name]) : (values[name] ?? null)),
  );
}
