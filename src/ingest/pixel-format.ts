/** What a pixel format's name says. */
export interface PixelFormat {
  model: 'yuv' | 'rgb' | 'gray';
  chroma: '4:2:0' | '4:2:2' | '4:4:4' | '4:1:1' | '4:1:0' | '4:4:0' | '4:0:0';
  /** Bits a component. */
  bitDepth: number;
  alpha: boolean;
  /** True for the `yuvj` names, which mean full range whatever the range tag says. */
  fullRange: boolean;
}

const PACKED_422 = /^(yuyv|uyvy|yvyu|nv16|nv20|y210|y212|p21\d)/;
const PACKED_420 = /^(nv12|nv21|p01\d)/;
const PACKED_444 = /^(nv24|nv42|p41\d|vuya|vuyx|ayuv|xv30|xv36)/;
const RGB = /^(gbr|rgb|bgr|argb|abgr|0rgb|0bgr|x2rgb|x2bgr|pal8|bayer)/;

function depthOf(name: string): number {
  if (name.startsWith('x2')) return 10;
  const packed = /^(?:p[024]|y2|xv)(\d\d)/.exec(name)?.[1];
  if (packed !== undefined) return packed === '30' ? 10 : packed === '36' ? 12 : Number(packed);
  const rgb = /^(?:rgb|bgr)(?:a)?(48|64)/.exec(name);
  if (rgb) return 16;
  const suffix = /(?:p|gray|gap|nv20|ya)(9|1[0-6])(?:le|be)?$/.exec(name)?.[1];
  if (name.startsWith('nv20')) return 10;
  if (/^(gray|ya|gbra?p)f/.test(name) || /f(16|32)/.test(name)) return 32;
  return suffix === undefined ? 8 : Number(suffix);
}

function chromaOf(name: string): PixelFormat['chroma'] {
  const digits = /^yuv[aj]?(4\d\d)/.exec(name)?.[1];
  if (digits) return `${digits[0]}:${digits[1]}:${digits[2]}` as PixelFormat['chroma'];
  if (PACKED_422.test(name)) return '4:2:2';
  if (PACKED_420.test(name)) return '4:2:0';
  return name.startsWith('gray') || name.startsWith('ya') || name.startsWith('mono') ? '4:0:0' : '4:4:4';
}

/** Reads ffmpeg's name of a pixel format; undefined for one that it does not know. */
export function parsePixelFormat(name: string): PixelFormat | undefined {
  const gray = /^(gray|ya\d|ya8|mono)/.test(name);
  const rgb = RGB.test(name);
  const yuv =
    name.startsWith('yuv') || PACKED_422.test(name) || PACKED_420.test(name) || PACKED_444.test(name);
  if (!gray && !rgb && !yuv) return undefined;
  return {
    model: rgb ? 'rgb' : gray ? 'gray' : 'yuv',
    chroma: chromaOf(name),
    bitDepth: depthOf(name),
    alpha: /^(yuva|gbrap|rgba|bgra|argb|abgr|ya\d|vuya|ayuv)/.test(name),
    fullRange: name.startsWith('yuvj'),
  };
}
