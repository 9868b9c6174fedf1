import sharp, { type Sharp } from 'sharp';

// One thread: some encoders split a picture among threads, and then its bytes would depend on the machine. No cache: no
// picture comes twice.
sharp.concurrency(1);
sharp.cache(false);

/** What makes the images, with its version. */
export const IMAGE_ENCODER = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;

/** 8-bit RGB, row by row. */
export interface Rgb {
  data: Uint8Array;
  width: number;
  height: number;
}

function open({ data, width, height }: Rgb, pageHeight?: number): Sharp {
  const raw = { width, height, channels: 3 as const, ...(pageHeight === undefined ? {} : { pageHeight }) };
  return sharp(data, { raw });
}

/** A sheet of thumbnails. */
export async function sheetJpeg(image: Rgb, to: string): Promise<void> {
  await open(image).jpeg({ quality: 70 }).toFile(to);
}

export interface Scaled {
  width: number;
  height: number;
}

/** A poster in one size, as JPEG and as WebP. */
export async function posterFiles(
  image: Rgb,
  { width, height }: Scaled,
  to: { jpeg: string; webp: string },
): Promise<void> {
  const scaled = (): Sharp => open(image).resize(width, height, { fit: 'fill', kernel: 'lanczos3' });
  await scaled().jpeg({ quality: 85, progressive: true }).toFile(to.jpeg);
  await scaled().webp({ quality: 80, effort: 4 }).toFile(to.webp);
}

/** An animation that repeats for ever, of pages that lie below each other. */
export async function animatedWebp(
  pages: Rgb,
  pageHeight: number,
  frameMs: number,
  to: string,
): Promise<void> {
  const delay = Array.from({ length: pages.height / pageHeight }, () => frameMs);
  await open(pages, pageHeight).webp({ quality: 60, effort: 3, loop: 0, delay }).toFile(to);
}
