import { HullcastError } from '../errors.js';

function refuse(what: string, path: string): HullcastError {
  return new HullcastError('NOT_JSON', `${what} at ${path === '' ? 'the top' : path} is not JSON`);
}

/**
 * The one JSON text of a value: keys sorted by UTF-16 code units, no white space, properties that are undefined left
 * out. Equal values give equal text, so its digest can name them.
 *
 * @throws HullcastError NOT_JSON for NaN, infinities, undefined elsewhere than in a property, functions, bigints, and
 *   objects other than plain ones (dates, maps, class instances), naming the place.
 */
export function canonicalJson(value: unknown, path = ''): string {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw refuse(String(value), path);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value))
        return `[${value.map((item, i) => canonicalJson(item, `${path}[${i}]`)).join(',')}]`;
      return canonicalObject(value, path);
    default:
      throw refuse(typeof value, path);
  }
}

function canonicalObject(value: object, path: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse(`a ${value.constructor.name}`, path);
  const properties = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, path === '' ? key : `${path}.${key}`)}`,
    );
  return `{${properties.join(',')}}`;
}
