import { bytes, plural, timecode } from './format.js';
import { type Markup, type Part, html } from './markup.js';
import type { Report } from './schema.js';

/** Data URLs of pictures that the page shows, by their path in the title. */
export type Pictures = ReadonlyMap<string, string>;

type Images = NonNullable<Report['images']>;
type ReportPoster = Images['posters'][number];

const link = (path: string, text: string): Markup => html`<a href="${path}">${text}</a>`;

function posterFigure(poster: ReportPoster, index: number, fps: string, pictures: Pictures): Markup {
  const shown = poster.files.find(({ path }) => pictures.has(path));
  const merits = (Object.entries(poster.merits) as [string, number][]).map(
    ([name, value]) => `${name} ${value.toFixed(2)}`,
  );
  const picture: Part =
    shown &&
    html`<img
      src="${pictures.get(shown.path)}"
      width="${shown.width}"
      height="${shown.height}"
      alt="Poster ${index + 1}: frame ${poster.frame}"
    />`;
  const where = `frame ${poster.frame}, ${timecode(poster.frame, fps)}, shot ${poster.shot}`;
  const largest = poster.files[0];
  return html`<figure class="poster">
    ${picture}
    <figcaption>
      ${largest ? link(largest.path, `Poster ${index + 1}`) : `Poster ${index + 1}`}: score
      ${poster.score.toFixed(2)}, ${where}
      <span class="muted">${merits.join(', ')}</span>
      ${!poster.good && html`<strong>None better: ${poster.faults.join(', ')}</strong>`}
    </figcaption>
  </figure>`;
}

function thumbnails(images: Images, pictures: Pictures): Part {
  const { thumbnails: made } = images;
  if (!made) return html`<p>No thumbnails were asked for.</p>`;
  const [first = ''] = made.sheets;
  const sheet = pictures.get(first);
  const links = made.sheets.map((path, i) => [i > 0 && ' ', link(path, `sheet ${i + 1}`)]);
  return html`<p>
      ${plural(made.count, 'thumbnail')} of ${made.width}×${made.height}, one each ${made.intervalSeconds} s,
      ${bytes(made.bytes)}: ${links}; ${link(made.storyboard, 'storyboard')}.
    </p>
    ${sheet !== undefined && html`<img class="sheet" src="${sheet}" alt="The first sheet of thumbnails" />`}`;
}

/** Posters, preview and thumbnails of a title. */
export function imagesSection(images: Images, fps: string, pictures: Pictures): Markup {
  const { clip, animation, pieces } = images.preview;
  const posters = images.posters.map((poster, index) => posterFigure(poster, index, fps, pictures));
  return html`<div class="posters">${posters}</div>
    <p>
      Preview of ${plural(pieces.length, 'piece')}:
      ${link(clip.path, `clip of ${plural(clip.frames, 'frame')}`)}, ${bytes(clip.bytes)};
      ${link(animation.path, 'animation')}, ${bytes(animation.bytes)}.
    </p>
    ${thumbnails(images, pictures)}`;
}

/** Style of the section. */
export const IMAGES_STYLE = `.posters{display:flex;flex-wrap:wrap;gap:12px}
.poster{margin:0;flex:0 1 200px}.poster img,.sheet{display:block;max-width:100%;height:auto;border-radius:6px}
.poster figcaption{font-size:.84rem}.poster .muted,.poster strong{display:block}
`;
