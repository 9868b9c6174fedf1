import { CONFIG_KEYS } from './keys.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function shown(fallback: unknown): string {
  if (fallback === undefined) return '';
  return Array.isArray(fallback)
    ? `\`[${fallback.join(', ')}]\``
    : `\`${String(fallback as string | number)}\``;
}

/** The keys of hullcast.yaml as a Markdown table; docs/configuration.md holds it, and a test compares the two. */
export function configTable(): string {
  const rows = CONFIG_KEYS.map(
    ({ path, description, allowed, fallback }) =>
      `| \`${path}\` | ${cell(allowed)} | ${shown(fallback)} | ${cell(description)} |`,
  );
  return ['| key | values | default | what it is |', '|---|---|---|---|', ...rows].join('\n');
}
