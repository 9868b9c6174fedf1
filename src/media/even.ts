/** The even number nearest to a side of a picture, pixels, 2 or more: 4:2:0 video has no others. */
export function even(side: number): number {
  return Math.max(2, 2 * Math.round(side / 2));
}
