import { SCRUBBER_HTML } from './scrubber.js';

export interface PlayerConfig {
  /** The title's name. */
  name: string;
  /** URLs of the manifests that there are; at least one. */
  manifests: { dash?: string; hls?: string };
  /** URL of report.json; without it the page shows no VMAF. */
  report?: string;
  /** URL of markers.json. */
  markers?: string;
  /** URL of report.html. */
  reportPage?: string;
  /** Where ClearKey licences come from, for a protected title. */
  license?: {
    url: string;
    /** URL that gives a fresh token for each POST. */
    tokens: string;
    /** Id of the device that the tokens are for. */
    device: string;
    /** Key systems under whose names manifests may signal ClearKey. */
    instead: string[];
  };
}

/** JSON that may stand in a script element: no `<` can end the element early. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const LABELS = { dash: 'DASH', hls: 'HLS' } as const;

function manifestChoice(manifests: PlayerConfig['manifests']): string {
  const kinds = (['dash', 'hls'] as const).filter((kind) => manifests[kind] !== undefined);
  return kinds
    .map((kind, i) => {
      const checked = i === 0 ? ' checked' : '';
      return `<label><input type="radio" name="manifest" value="${kind}"${checked}>${LABELS[kind]}</label>`;
    })
    .join('');
}

const FACTS = [
  ['now-rendition', 'Rendition'],
  ['now-size', 'Resolution'],
  ['now-rate', 'Bit rate'],
  ['now-vmaf', 'VMAF of the title'],
  ['now-shot', 'Shot'],
  ['now-picture', 'Picture on screen'],
  ['now-buffered', 'Buffered'],
  ['now-dropped', 'Dropped frames'],
  ['now-bandwidth', 'Bandwidth estimate'],
] as const;

/**
 * The player page: HTML that loads /player/shaka.js, /player/page.js and /player/page.css from its own server. The
 * page's shaka.Player is `window.hullcastPlayer`; `document.body.dataset.loaded` says which manifest is loaded
 * (`dash` or `hls`), and the element #error is hidden as long as nothing went wrong.
 */
export function playerHtml(config: PlayerConfig): string {
  const link =
    config.reportPage === undefined
      ? ''
      : `<a href="${escapeText(config.reportPage)}">Report on the encode</a>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(config.name)} – hullcast play</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/player/page.css">
<script id="config" type="application/json">${inlineJson(config)}</script>
<script src="/player/shaka.js" defer></script>
<script src="/player/page.js" defer></script>
</head>
<body>
<div class="page">
<header><h1>${escapeText(config.name)}</h1>${link}</header>
<main class="layout">
<div>
<video id="video" controls playsinline></video>
${SCRUBBER_HTML}
<button type="button" id="skip" hidden></button>
<div id="error" role="alert" hidden></div>
<div class="controls">
<fieldset><legend>Manifest</legend>${manifestChoice(config.manifests)}</fieldset>
<label class="field" id="codec-field" for="codec" hidden>Codec<select id="codec"></select></label>
<label class="field" for="quality">Quality<select id="quality"></select></label>
<label class="field" id="audio-field" for="audio" hidden>Audio<select id="audio"></select></label>
<label class="field" id="text-field" for="text" hidden>Text<select id="text"></select></label>
</div>
</div>
<div>
<h2 id="now">Now</h2>
<dl aria-labelledby="now">${FACTS.map(([id, name]) => `<dt>${name}</dt><dd id="${id}">–</dd>`).join('')}</dl>
<div class="scroll"><table>
<caption>Rungs</caption>
<thead><tr><th scope="col">Rung</th><th scope="col">Resolution</th><th scope="col">kbit/s</th><th scope="col" id="vmaf-head">VMAF</th></tr></thead>
<tbody id="rungs"></tbody>
</table></div>
</div>
</main>
</div>
</body>
</html>
`;
}
