import type { Token } from '../../db/index.js';

const HEADER = ['ID', 'NAME', 'SCOPES', 'CREATED', 'EXPIRES', 'LAST USED', 'REVOKED'];

/** A time to the minute, as people read it; UTC. */
function minute(time: string | undefined, absent: string): string {
  return time === undefined ? absent : `${time.slice(0, 10)} ${time.slice(11, 16)}`;
}

/** Control characters of a name must not reach a terminal. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '\uFFFD');
}

/** Tokens as a table; times in UTC. */
export function tokenTable(tokens: readonly Token[]): string {
  if (tokens.length === 0) return 'There are no tokens.';
  const rows = tokens.map((token) => [
    token.id,
    printable(token.name),
    token.scopes.join(','),
    minute(token.createdAt, ''),
    minute(token.expiresAt, 'never'),
    minute(token.lastUsedAt, 'never'),
    minute(token.revokedAt, ''),
  ]);
  const widths = HEADER.map((name, i) =>
    Math.max(...[HEADER, ...rows].map((row) => row[i]!.length), name.length),
  );
  return [HEADER, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
