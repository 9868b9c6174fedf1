/** CEA-608-E, table 50: where it differs from ASCII. */
const BASIC: Readonly<Record<number, string>> = {
  0x27: '’',
  0x2a: 'á',
  0x5c: 'é',
  0x5e: 'í',
  0x5f: 'ó',
  0x60: 'ú',
  0x7b: 'ç',
  0x7c: '÷',
  0x7d: 'Ñ',
  0x7e: 'ñ',
  0x7f: '█',
};

/** Table 49, codes 0x30 to 0x3f; the tenth is a transparent space. */
const SPECIAL = [...'®°½¿™¢£♪à\u0000èâêîôû'];

/** Tables 5 to 10, codes 0x20 to 0x3f: Spanish and French, then Portuguese, German and Danish. */
const EXTENDED = [[..."ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»"], [...'ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤¦ÅåØø┌┐└┘']] as const;

/** A character of one byte without parity, 0x20 to 0x7f. */
export function basicCharacter(code: number): string {
  return BASIC[code] ?? String.fromCharCode(code);
}

/** A special character, by the second byte, 0x30 to 0x3f; undefined for the transparent space. */
export function specialCharacter(code: number): string | undefined {
  const character = SPECIAL[code - 0x30];
  return character === '\u0000' ? undefined : character;
}

/** An extended character, by the first byte without its channel (0x12 or 0x13) and the second, 0x20 to 0x3f. */
export function extendedCharacter(table: 0x12 | 0x13, code: number): string {
  return EXTENDED[table - 0x12]?.[code - 0x20] ?? '█';
}
