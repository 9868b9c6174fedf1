import { CONFIG_KEYS, fallbackText } from './keys.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The keys of hullcast.yaml as a Markdown table; docs/configuration.md holds it, and a test compares the two. */
export function configTable(): string {
  const rows = CONFIG_KEYS.map((key) => {
    const fallback = fallbackText(key);
    const shown = fallback === undefined ? '' : `\`${fallback}\``;
    return `| \`${key.path}\` | ${cell(key.allowed)} | ${shown} | ${cell(key.description)} |`;
  });
  return ['| key | values | default | what it is |', '|---|---|---|---|', ...rows].join('\n');
}
