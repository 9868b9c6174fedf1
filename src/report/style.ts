import {
  DIVERGING_DARK,
  DIVERGING_LIGHT,
  SEQUENTIAL_DARK,
  SEQUENTIAL_LIGHT,
  SERIES_DARK,
  SERIES_LIGHT,
  textOn,
} from './palette.js';

/** Page colours: background, raised surface, text, muted text (4.5:1 on both), lines, accent. */
const LIGHT = `--bg:#ffffff;--card:#f6f7f9;--text:#1a1f26;--muted:#596270;--line:#d9dee5;--axis:#8b95a3;--hull:#59636f;
--accent:#0b62b5;--error:#b3261e;--warning:#8a5a00;--info:#0b62b5;--halo:#ffffff;`;
const DARK = `--bg:#14181d;--card:#1c2128;--text:#e7ebf0;--muted:#a0abb8;--line:#2e363f;--axis:#6b7684;--hull:#b4bfca;
--accent:#7cb7ff;--error:#ff8a80;--warning:#f0b64f;--info:#7cb7ff;--halo:#14181d;`;

function colours(
  base: string,
  series: readonly string[],
  sequential: readonly string[],
  diverging: readonly string[],
): string {
  const list = (name: string, values: readonly string[]): string =>
    values.map((value, i) => `--${name}${i}:${value};`).join('');
  return [
    base,
    list('s', series),
    list('q', sequential),
    list('qt', sequential.map(textOn)),
    list('d', diverging),
    list('dt', diverging.map(textOn)),
  ].join('');
}

const light = colours(LIGHT, SERIES_LIGHT, SEQUENTIAL_LIGHT, DIVERGING_LIGHT);
const dark = colours(DARK, SERIES_DARK, SEQUENTIAL_DARK, DIVERGING_DARK);

const series = SERIES_LIGHT.map((_, i) => `.s${i}{--c:var(--s${i})}`).join('');
const steps = SEQUENTIAL_LIGHT.map(
  (_, i) => `.sequential .q${i} rect{fill:var(--q${i})}.diverging .q${i} rect{fill:var(--d${i})}`,
).join('');
const cellText = SEQUENTIAL_LIGHT.map(
  (_, i) => `.sequential .q${i} text{fill:var(--qt${i})}.diverging .q${i} text{fill:var(--dt${i})}`,
).join('');

const LAYOUT = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
.page{max-width:1120px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:44px 0 4px;line-height:1.3}
h3{font-size:.95rem;margin:20px 0 6px}
p{margin:4px 0 10px;max-width:78ch}
.lead{color:var(--muted);margin:0 0 4px;max-width:none}
.muted{color:var(--muted)}
code,.hash,.code{font-family:ui-monospace,"SF Mono",Menlo,"Liberation Mono",monospace;font-size:.92em}
.nowrap{white-space:nowrap}
.hash{overflow-wrap:anywhere}
nav{margin:14px 0 0;display:flex;flex-wrap:wrap;gap:4px 18px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:20px 0 0;padding:0;list-style:none}
.tiles li{background:var(--card);border-radius:8px;padding:10px 14px}
.tiles b{display:block;font-size:1.25rem;line-height:1.3;font-weight:650}
.tiles span{color:var(--muted);font-size:.86rem}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:6px 24px;margin:6px 0 12px}
.facts dt{color:var(--muted);font-size:.86rem}
.facts dd{margin:0;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;margin:8px 0;padding:0;list-style:none;font-size:.9rem}
.legend li{display:flex;align-items:center;gap:5px}
.symbol{width:16px;height:16px;vertical-align:-3px;flex:none}
figure{margin:8px 0 0}
figcaption{color:var(--muted);font-size:.9rem;max-width:78ch;margin:0 0 6px}
.scroll{overflow-x:auto;margin:10px 0;position:relative}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:6px 9px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap;vertical-align:middle}
th.text,td.text{text-align:left}
thead th{color:var(--muted);font-weight:500;font-size:.84rem;vertical-align:bottom;white-space:normal;border-bottom-color:var(--axis)}
tbody th{font-weight:600;position:sticky;left:0;background:var(--bg)}
td.wrap{white-space:normal;min-width:240px}
tbody tr:hover>*{background:var(--card)}
.bar{display:block;width:100%;min-width:110px;height:8px}
.bar .track{fill:var(--line)}
.bar .fill{fill:var(--accent)}
.crf{display:block;font-size:.86rem;line-height:1.2;margin-bottom:3px}
.badge{font-size:.82rem;font-weight:600;border:1px solid currentColor;border-radius:10px;padding:1px 8px}
.badge.error{color:var(--error)}.badge.warning{color:var(--warning)}.badge.info{color:var(--info)}
details{margin:10px 0}summary{cursor:pointer;color:var(--accent)}
.pager{display:inline-flex;gap:8px;align-items:center;margin:2px 0 8px;font-size:.9rem}
select{font:inherit;color:inherit;background:var(--card);border:1px solid var(--axis);border-radius:6px;padding:3px 8px}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,290px),1fr));gap:10px 18px}
.multiples[hidden]{display:none}
.narrow{display:none}
.narrow .plot{max-width:600px}
footer{margin-top:48px;padding-top:14px;border-top:1px solid var(--line);color:var(--muted);font-size:.86rem}
#tip{position:fixed;z-index:9;pointer-events:none;background:var(--text);color:var(--bg);padding:6px 10px;border-radius:6px;font-size:.84rem;line-height:1.4;white-space:pre-line;max-width:min(320px,90vw);box-shadow:0 2px 10px rgb(0 0 0/.3)}
@media(max-width:760px){.wide{display:none}.narrow{display:block}.page{padding:16px 16px 40px}th,td{padding:6px 7px}table{font-size:.86rem}.tiles{grid-template-columns:repeat(auto-fit,minmax(120px,1fr))}h1{font-size:1.4rem}h2{margin-top:34px}}`;

const PLOTS = `
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot text{font-size:12px;fill:var(--text)}
.plot .tick{fill:var(--muted);font-size:12px}
.plot .name{fill:var(--muted);font-size:12px}
.plot .panel-title{font-size:13px;font-weight:600}
.plot .plot-title{font-size:13px;font-weight:600}
.plot .key-text{font-size:11px;fill:var(--muted)}
.plot g[data-tip] text{font-size:11px;pointer-events:none}
.grid{stroke:var(--line);stroke-width:1}
.axis{stroke:var(--axis);stroke-width:1}
.hull{fill:none;stroke:var(--hull);stroke-width:7;stroke-linejoin:round;stroke-linecap:round;opacity:.3}
.hull.thin{stroke-width:1.5;opacity:1;stroke-dasharray:4 3}
.curve{fill:none;stroke:var(--c);stroke-width:1.6}
.leader{stroke:var(--axis);stroke-width:1}
.m{fill:var(--c)}
.m.rung{stroke:var(--text);stroke-width:1.8;paint-order:stroke}
.m.ring{fill:none;stroke:var(--c);stroke-width:1.5}
.m.win{opacity:.6}
.m.chosen{stroke:var(--halo);stroke-width:1.4}
.plot .rung-label{font-size:13px;font-weight:600;stroke:var(--halo);stroke-width:3px;paint-order:stroke;stroke-linejoin:round}
.shot0 rect{fill:var(--line)}.shot1 rect{fill:var(--muted)}.strip .shot1 text{fill:var(--bg)}
.finding.error{fill:var(--error)}.finding.warning{fill:var(--warning)}.finding.info{fill:var(--info)}
[data-tip]:hover{filter:brightness(1.12)}
.key{display:inline-block;width:26px;height:0;vertical-align:4px;border-top:7px solid var(--hull);opacity:.3;border-radius:4px}
.key.dashed{border-top:2px dashed var(--hull);opacity:1}`;

const PRINT = `
@media print{@page{margin:14mm}body{font-size:11pt}.page{max-width:none;padding:0}nav,.pager,#tip{display:none}
.wide{display:block}.narrow{display:none}h2{break-after:avoid;margin-top:24px}figure .plot,tr{break-inside:avoid}
.scroll{overflow:visible}table{font-size:8pt}th,td{padding:3px 5px}td.text,th{white-space:normal}.bar{min-width:60px}
.multiples{grid-template-columns:repeat(3,1fr)}.multiples[hidden]{display:grid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

/** The style sheet of the report. */
export const STYLE = `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
${LAYOUT}${PLOTS}${series}${steps}${cellText}${PRINT}`;
