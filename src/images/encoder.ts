import type sharpModule from 'sharp';
import type { Sharp } from 'sharp';

type Library = typeof sharpModule;

/** The library, loaded where images are made: commands that make none start without it. */
async function library(): Promise<Library> {
  const { default: sharp } = await import('sharp');
  // One thread: some encoders split a picture among threads, and then its bytes would depend on the machine. No cache: no
  // picture comes twice.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

/** What makes the images, with its version. */
export async function imageEncoder(): Promise<string> {
  const { versions } = await library();
  return `sharp ${versions.sharp}, libvips ${versions.vips}`;
}

/** 8-bit RGB, row by row. */
export interface Rgb {
  data: Uint8Array;
  width: number;
  height: number;
}

async function open({ data, width, height }: Rgb, pageHeight?: number): Promise<Sharp> {
  const sharp = await library();
  const raw = { width, height, channels: 3 as const, ...(pageHeight === undefined ? {} : { pageHeight }) };
  return sharp(data, { raw });
}

/** A sheet of thumbnails. */
export async function sheetJpeg(image: Rgb, to: string): Promise<void> {
  await (await open(image)).jpeg({ quality: 70 }).toFile(to);
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
  const scaled = (await open(image)).resize(width, height, { fit: 'fill', kernel: 'lanczos3' });
  await scaled.clone().jpeg({ quality: 85, progressive: true }).toFile(to.jpeg);
  await scaled.clone().webp({ quality: 80, effort: 4 }).toFile(to.webp);
}

/** An animation that repeats for ever, of pages that lie below each other. */
export async function animatedWebp(
  pages: Rgb,
  pageHeight: number,
  frameMs: number,
  to: string,
): Promise<void> {
  const delay = Array.from({ length: pages.height / pageHeight }, () => frameMs);
  await (await open(pages, pageHeight)).webp({ quality: 60, effort: 3, loop: 0, delay }).toFile(to);
}
