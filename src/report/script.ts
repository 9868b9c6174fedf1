/**
 * Script of the page: tooltips by pointer, and one page of small plots at a time. Without it, all is there to read.
 * SVG titles become labels first, or the browser would show them as second tooltips. Where the page is shown inside of
 * another (srcdoc), links to its parts would leave it.
 */
export const SCRIPT = `'use strict';
for (const svg of document.querySelectorAll('svg[aria-labelledby]')) {
  const title = svg.querySelector('title');
  const desc = svg.querySelector('desc');
  if (!title || !desc) continue;
  svg.setAttribute('aria-label', title.textContent);
  svg.removeAttribute('aria-labelledby');
  svg.setAttribute('aria-describedby', desc.id);
  title.remove();
}
const tip = document.createElement('div');
tip.id = 'tip';
tip.hidden = true;
document.body.append(tip);
const show = (event) => {
  const mark = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
  tip.hidden = mark === null;
  if (!mark) return;
  if (tip.textContent !== mark.dataset.tip) tip.textContent = mark.dataset.tip;
  const box = tip.getBoundingClientRect();
  const x = Math.min(event.clientX + 14, innerWidth - box.width - 8);
  const below = event.clientY + 18;
  const y = below + box.height > innerHeight - 8 ? event.clientY - box.height - 12 : below;
  tip.style.left = Math.max(8, x) + 'px';
  tip.style.top = Math.max(8, y) + 'px';
};
addEventListener('pointermove', show);
addEventListener('pointerdown', show);
addEventListener('scroll', () => { tip.hidden = true; }, { passive: true });
addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  const part = link && document.getElementById(link.getAttribute('href').slice(1));
  if (!part || location.protocol !== 'about:') return;
  event.preventDefault();
  part.scrollIntoView();
});
for (const select of document.querySelectorAll('select[data-pager]')) {
  const pages = document.getElementById(select.dataset.pager).children;
  const turn = () => { [...pages].forEach((page, i) => { page.hidden = i !== Number(select.value); }); };
  select.addEventListener('change', turn);
  turn();
}
`;
