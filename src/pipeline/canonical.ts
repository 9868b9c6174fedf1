import { HullcastError } from '../errors.js';

/** Names of properties and places in lists, from the top to a value. */
type Path = (string | number)[];
type Properties = Readonly<Record<string, unknown>>;

function refuse(what: string, path: Path): HullcastError {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return new HullcastError('NOT_JSON', `${what} at ${place.replace(/^\./, '') || 'the top'} is not JSON`);
}

/**
 * The one JSON text of a value: keys sorted by UTF-16 code units, no white space, properties that are undefined left
 * out. Equal values give equal text, so its digest can name them. The flow of a film asks for hundreds of thousands.
 *
 * @throws HullcastError NOT_JSON for NaN, infinities, undefined elsewhere than in a property, functions, bigints, and
 *   objects other than plain ones (dates, maps, class instances), naming the place.
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, []);
}

function textOf(value: unknown, path: Path): string {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isFinite(value)) throw refuse(String(value), path);
      return String(value); // as JSON writes it, and 0 for -0
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? listText(value, path) : objectText(value as Properties, path);
    default:
      throw refuse(typeof value, path);
  }
}

/** What JSON writes as it is, in quotation marks. */
const PLAIN = /^[\w .,:;/+*=()[\]{}<>@#$%&!?|~^'`-]*$/;

function quoted(value: string | boolean): string {
  return typeof value === 'string' && PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

function listText(list: readonly unknown[], path: Path): string {
  let text = '';
  for (let i = 0; i < list.length; i += 1) {
    path.push(i);
    text += i === 0 ? textOf(list[i], path) : `,${textOf(list[i], path)}`;
    path.pop();
  }
  return `[${text}]`;
}

function objectText(properties: Properties, path: Path): string {
  const prototype: unknown = Object.getPrototypeOf(properties);
  if (prototype !== Object.prototype && prototype !== null)
    throw refuse(`a ${properties.constructor.name}`, path);
  let text = '';
  for (const key of Object.keys(properties).sort()) {
    const value = properties[key];
    if (value === undefined) continue;
    path.push(key);
    text += `${text === '' ? '' : ','}${quoted(key)}:${textOf(value, path)}`;
    path.pop();
  }
  return `{${text}}`;
}
