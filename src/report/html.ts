import { createHash } from 'node:crypto';
import { clock, fpsText, grouped, kilobits, plural } from './format.js';
import { Markup, type Part, html } from './markup.js';
import { MAX_SHOT_PLOTS, shotPlots } from './plot-shots.js';
import { timelinePlot } from './plot-timeline.js';
import { titlePlot } from './plot-title.js';
import { winnersPlot } from './plot-winners.js';
import { protectionFacts } from './protection-schema.js';
import { deliveryFacts } from './delivery-schema.js';
import type { Report } from './schema.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { masterFacts, toolFacts } from './facts.js';
import { IMAGES_STYLE, type Pictures, imagesSection } from './images-section.js';
import { costSummary, costTable, findingsTable } from './findings-cost.js';
import { ladderTable, scoreNotes, shotTable, watermarkTable } from './ladder-tables.js';
import { symbol } from './table.js';
import { type CodecView, type View, viewOf } from './view.js';

function sha256Base64(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** Nothing from the network, and no script but our own: a title's name could not run code even if it got through. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${sha256Base64(SCRIPT)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

// Not in a template: the policy's digest is over every character between the tags.
const STYLE_ELEMENT = new Markup(`<style>${STYLE}${IMAGES_STYLE}</style>`);
const SCRIPT_ELEMENT = new Markup(`<script>${SCRIPT}</script>`);

function tile(value: string, name: string): Markup {
  return html`<li><b>${value}</b><span>${name}</span></li>`;
}

function head(view: View): Markup {
  const { report } = view;
  const { title, renditions } = report;
  const rates = renditions.map((rendition) => rendition.averageBitrate);
  const scores = renditions.map((rendition) => rendition.vmaf.mean);
  const sections = [
    ['ladder', 'Ladder'],
    ['title-plot', 'Rate and quality'],
    ['winners', 'Winning resolution'],
    ['shots', 'Shots over time'],
    ['shot-plots', 'Every shot'],
    ...(report.protection ? ([['protection', 'Encryption']] as const) : []),
    ...(report.images ? [['images', 'Images'] as const] : []),
    ...(report.delivery ? ([['delivery', 'Devices and markers']] as const) : []),
    ['findings', 'Findings'],
    ['cost', 'Cost'],
    ['master', 'Master'],
    ['tools', 'Tools'],
  ] as const;
  return html`<header>
    <h1>${title.name}</h1>
    <p class="lead">
      ${clock(title.durationSeconds)}, ${plural(title.frames, 'frame')} at ${fpsText(title.fps)},
      ${title.width}×${title.height}, ${plural(report.shots.length, 'shot')}
    </p>
    <p class="lead">${costSummary(report)}</p>
    <ul class="tiles">
      ${tile(String(renditions.length), 'rungs')}
      ${tile(`${kilobits(Math.min(...rates))} – ${kilobits(Math.max(...rates))}`, 'kbit/s average')}
      ${tile(`${Math.min(...scores).toFixed(1)} – ${Math.max(...scores).toFixed(1)}`, 'VMAF mean')}
      ${tile(grouped(report.probes.length), 'probes')}
      ${tile(String(report.master.findings.length), 'findings on the master')}
    </ul>
    <nav aria-label="Sections">${sections.map(([id, name]) => html`<a href="#${id}">${name}</a> `)}</nav>
  </header>`;
}

function legend(view: View, extra: Part): Markup {
  return html`<ul class="legend">
    ${view.resolutions.map((resolution) => html`<li>${symbol(resolution.rank)}${resolution.key}</li>`)}
    ${extra}
  </ul>`;
}

/** A section's content for each codec, with a heading where there are several. */
function perCodec(view: View, content: (codec: CodecView, index: number) => Markup): Part {
  return view.codecs.map((codec, index) => [
    view.codecs.length > 1 && html`<h3>${codec.codec}</h3>`,
    content(codec, index),
  ]);
}

function section(id: string, title: string, content: Part): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-h">
    <h2 id="${id}-h">${title}</h2>
    ${content}
  </section>`;
}

function figure(caption: string, content: Part): Markup {
  return html`<figure>
    <figcaption>${caption}</figcaption>
    ${content}
  </figure>`;
}

function body(view: View, pictures: Pictures): Markup {
  const { report } = view;
  const missing = view.codecs.some((codec) => codec.curves.length < view.resolutions.length);
  const limited = report.shots.length > MAX_SHOT_PLOTS;
  const some = limited
    ? ` Only the ${MAX_SHOT_PLOTS} shots with most bits in the best rung are drawn; report.json has all.`
    : '';
  return html`<main>
    ${section(
      'ladder',
      'Ladder',
      perCodec(
        view,
        (codec) =>
          html`${ladderTable(view, codec)} ${watermarkTable(codec) ?? ''}
          ${scoreNotes(codec).map((note) => html`<p>${note}.</p>`)}`,
      ),
    )}
    ${section(
      'title-plot',
      'Rate and quality of the title',
      figure(
        'For each resolution the best the title can be at each bit rate, with all shots at one slope of their own hulls. ' +
          'The band is the convex hull over all resolutions; the large marks are the rungs that ship.' +
          (missing ? ' A resolution has no curve where some shot was never encoded in it.' : ''),
        [
          legend(view, html`<li><span class="key"></span>convex hull</li>`),
          perCodec(view, (codec, index) => titlePlot(view, codec, index)),
        ],
      ),
    )}
    ${section(
      'winners',
      'Which resolution wins',
      figure(
        'One row a shot: the colour says which resolution scores best at that bit rate, within what was measured. ' +
          `Dots are the chunks that ship, in the colour of their rung's resolution.${some}`,
        [legend(view, undefined), perCodec(view, (codec, index) => winnersPlot(view, codec, index))],
      ),
    )}
    ${section(
      'shots',
      'Shots over time',
      perCodec(
        view,
        (codec, index) =>
          html`${figure('Shots to scale. Every row is a rung, the best on top; point at a cell for its numbers.', timelinePlot(view, codec, index))}
            <details>
              <summary>The same as a table</summary>
              ${shotTable(view, codec)}
            </details>`,
      ),
    )}
    ${section(
      'shot-plots',
      'Every shot',
      figure(
        `VMAF over bit rate in kbit/s, all shots on the same axes. Small marks are probes, outlines are the chunks that ship.${some}`,
        [
          legend(view, html`<li><span class="key dashed"></span>hull of the shot</li>`),
          perCodec(view, (codec, index) => shotPlots(view, codec, index)),
        ],
      ),
    )}
    ${report.protection && section('protection', 'Encryption', protectionFacts(report.protection))}
    ${report.images && section('images', 'Images', imagesSection(report.images, report.title.fps, pictures))}
    ${report.delivery && section('delivery', 'Devices and markers', deliveryFacts(report.delivery, report.title.fps))}
    ${section('findings', 'Findings on the master', findingsTable(report))}
    ${section('cost', 'Cost', [html`<p>${costSummary(report)}.</p>`, costTable(report)])}
    ${section('master', 'Master', masterFacts(report))} ${section('tools', 'Tools', toolFacts(report))}
  </main>`;
}

/**
 * The report as one self-contained HTML page: no network access, deterministic for a given report. Of the title's images it
 * shows those that `pictures` has.
 */
export function reportHtml(report: Report, pictures: Pictures = new Map()): string {
  const view = viewOf(report);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${report.title.name} – hullcast report</title>
      ${STYLE_ELEMENT}
    </head>
    <body>
      <div class="page">
        ${head(view)} ${body(view, pictures)}
        <footer>
          hullcast ${report.tools.hullcast}. The same facts for machines are in report.json next to this file.
        </footer>
      </div>
      ${SCRIPT_ELEMENT}
    </body>
  </html>`;
  return `<!doctype html>\n${page.text}\n`;
}
