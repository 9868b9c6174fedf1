import { z } from 'zod';
import { reportSchema } from './schema.js';

/** A node of a JSON schema, as far as the field table needs it. */
interface SchemaNode {
  type?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  additionalProperties?: SchemaNode | boolean;
}

/** The JSON schema (draft 2020-12) of report.json; docs/report.schema.json holds exactly this. */
export function reportJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(reportSchema, { target: 'draft-2020-12', reused: 'inline' }) };
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.anyOf) return node.anyOf.map(typeOf).join(', ');
  if (node.type === 'array' && node.items) return `array of ${typeOf(node.items)}`;
  return node.type ?? 'any';
}

type Row = [field: string, type: string, meaning: string];

function rowsOf(node: SchemaNode, path: string): Row[] {
  if (node.items) return rowsOf(node.items, `${path}[]`);
  const required = new Set(node.required ?? []);
  const rows = Object.entries(node.properties ?? {}).flatMap(([name, field]): Row[] => {
    const here = path === '' ? name : `${path}.${name}`;
    const presence = required.has(name) ? '' : ' (optional)';
    return [[`\`${here}\``, `${typeOf(field)}${presence}`, field.description ?? ''], ...rowsOf(field, here)];
  });
  if (typeof node.additionalProperties === 'object') {
    rows.push([`\`${path}.<name>\``, typeOf(node.additionalProperties), 'One entry for each name.']);
  }
  return rows;
}

/** Every field of the report as a Markdown table, columns padded: path, type, meaning with unit. */
export function fieldTable(): string {
  const rows: Row[] = [['field', 'type', 'meaning'], ...rowsOf(reportJsonSchema(), '')];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n');
}

const BEGIN = '<!-- fields: written by src/report/write-schema.ts -->';
const END = '<!-- end of fields -->';

/** docs/report.md with the field table between its two marks brought up to date; throws where a mark is missing. */
export function withFieldTable(markdown: string): string {
  const begin = markdown.indexOf(BEGIN);
  const end = markdown.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/report.md lacks "${BEGIN}" or "${END}"`);
  return `${markdown.slice(0, begin + BEGIN.length)}\n\n${fieldTable()}\n\n${markdown.slice(end)}`;
}

/** The text of docs/report.schema.json. */
export function schemaFile(): string {
  return `${JSON.stringify(reportJsonSchema(), null, 2)}\n`;
}
