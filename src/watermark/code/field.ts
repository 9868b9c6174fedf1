/** Arithmetic of GF(64) with the primitive polynomial x^6 + x + 1, and the generator polynomials of its BCH codes. */

const SIZE = 63;

/** α^i, i = 0..62, as six bits. */
function powers(): number[] {
  const list: number[] = [];
  for (let i = 0, value = 1; i < SIZE; i++) {
    list.push(value);
    value <<= 1;
    if (value & 64) value ^= 0b1000011;
  }
  return list;
}

/**
 * Generator polynomial of the binary BCH code of length 63 that corrects `errors` errors: the product of x − α^i over
 * all i that are 1..2·errors times a power of two (modulo 63). Coefficient of x^i at index i, 0 or 1.
 */
export function bchGenerator(errors: number): number[] {
  const exp = powers();
  const log = new Map(exp.map((value, i) => [value, i]));
  const roots = new Set<number>();
  for (let root = 1; root <= 2 * errors; root++) {
    for (let i = root; !roots.has(i); i = (2 * i) % SIZE) roots.add(i);
  }
  let product = [1];
  for (const root of roots) {
    const next = new Array<number>(product.length + 1).fill(0);
    product.forEach((value, i) => {
      next[i + 1]! ^= value;
      if (value !== 0) next[i]! ^= exp[(log.get(value)! + root) % SIZE]!;
    });
    product = next;
  }
  return product;
}
