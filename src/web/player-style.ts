import { SCRUBBER_STYLE } from './scrubber.js';

/** Style sheet of the player page; light and dark as the system is. */
export const PLAYER_STYLE = `
:root{color-scheme:light dark;--bg:#fff;--card:#f6f7f9;--text:#1a1f26;--muted:#596270;--line:#d9dee5;--axis:#8b95a3;--accent:#0b62b5;--on-accent:#fff;--error:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#14181d;--card:#1c2128;--text:#e7ebf0;--muted:#a0abb8;--line:#2e363f;--axis:#6b7684;--accent:#7cb7ff;--on-accent:#0c1116;--error:#ff8a80}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
.page{max-width:1180px;margin:0 auto;padding:20px 20px 48px}
header{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;justify-content:space-between;margin-bottom:12px}
h1{font-size:1.35rem;line-height:1.3;margin:0;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0 0 6px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.layout{display:grid;grid-template-columns:minmax(0,1fr) 390px;gap:24px}
video{display:block;width:100%;aspect-ratio:16/9;background:#000;border-radius:8px}
.controls{display:flex;flex-wrap:wrap;gap:10px 20px;align-items:end;margin:14px 0 0}
.controls label,fieldset legend{font-size:.84rem;color:var(--muted)}
.controls label.field{display:grid;grid-template-columns:minmax(0,1fr);gap:2px;max-width:min(100%,330px)}
fieldset{border:0;margin:0;padding:0;display:flex;gap:14px;align-items:center}
fieldset legend{padding:0;margin-bottom:2px}
fieldset label{color:var(--text);font-size:inherit;display:flex;gap:5px;align-items:center;min-height:33px}
input{accent-color:var(--accent)}
select{font:inherit;color:var(--text);background:var(--card);border:1px solid var(--axis);border-radius:6px;padding:4px 8px;width:100%;text-overflow:ellipsis}
#error{margin:14px 0 0;padding:10px 14px;border:1px solid var(--error);color:var(--error);border-radius:8px;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:auto 1fr;gap:2px 16px;margin:0 0 22px}
dt{color:var(--muted)}
dd{margin:0;text-align:right}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;font-weight:600;margin-bottom:4px}
th,td{padding:4px 6px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left;padding-left:0}
thead th{color:var(--muted);font-weight:500;font-size:.84rem}
tr[aria-current] td{font-weight:600}
tr[aria-current] button{background:var(--accent);color:var(--on-accent);border-color:var(--accent)}
th:last-child,td:last-child{padding-right:0}
.scroll{overflow-x:auto}
button{font:inherit;font-weight:500;white-space:normal;overflow-wrap:anywhere;text-align:left;color:inherit;background:var(--card);border:1px solid var(--axis);border-radius:6px;padding:2px 9px;cursor:pointer}
${SCRUBBER_STYLE}@media(max-width:880px){.layout{grid-template-columns:minmax(0,1fr)}.page{padding:14px 14px 40px}}
#skip{display:block;margin:10px 0 0 auto}
@media(max-width:880px){.layout{grid-template-columns:minmax(0,1fr)}.page{padding:14px 14px 40px}}
`;
