import fc from 'fast-check';

/** An RGB frame made by a function of each pixel. */
export function frameOf(
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly [number, number, number],
): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgb.set(pixel(x, y), 3 * (y * width + x));
  }
  return rgb;
}

/** Noise that a seed decides. */
export function noise(width: number, height: number, seed: number): Uint8Array {
  let state = seed + 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) % 256;
  return frameOf(width, height, () => [next(), next(), next()]);
}

/** Each pixel the mean of the 3 × 3 around it, at edges of those there are. */
export function blurred(rgb: Uint8Array, width: number, height: number): Uint8Array {
  return frameOf(width, height, (x, y) => {
    const sums: [number, number, number] = [0, 0, 0];
    let count = 0;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [px, py] = [x + dx, y + dy];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        count++;
        for (let c = 0; c < 3; c++) sums[c]! += rgb[3 * (py * width + px) + c]!;
      }
    }
    return [sums[0] / count, sums[1] / count, sums[2] / count];
  });
}

export const seed = fc.integer({ min: 1, max: 1_000_000 });
