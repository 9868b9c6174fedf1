import type { Page } from 'playwright-core';

/**
 * What a page does wrong for those who cannot see it, or not well: browser code that gives a list of complaints. Names
 * are computed as far as the dashboard needs (aria-labelledby, aria-label, label, content).
 */
const NAMES = `(() => {
  const found = [];
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
  const say = (element, what) => found.push(what + ': ' + element.outerHTML.slice(0, 120));
  const textOf = (element) => [...element.childNodes].map((node) =>
    node.nodeType === 3 ? node.data : node.nodeType !== 1 || node.getAttribute('aria-hidden') === 'true' ? '' : textOf(node)).join('');
  const byIds = (ids) => ids.split(/\\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
  const nameOf = (element) => {
    if (element.hasAttribute('aria-labelledby')) return byIds(element.getAttribute('aria-labelledby')).trim();
    if (element.hasAttribute('aria-label')) return element.getAttribute('aria-label').trim();
    const labels = [...(element.labels ?? [])].map(textOf).join(' ').trim();
    return labels || textOf(element).trim();
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

  for (const element of all('a, button, input, select, summary, video, [role=img], [role=progressbar], nav, section, dialog, iframe')) {
    const name = element.localName === 'iframe' ? element.title : nameOf(element);
    if (!name) say(element, 'has no name');
  }
  for (const element of all('nav')) {
    if (all('nav').some((other) => other !== element && nameOf(other) === nameOf(element))) say(element, 'two landmarks of one name');
  }
  for (const element of document.querySelectorAll('[aria-labelledby], [aria-describedby], label[for]')) {
    const ids = ['aria-labelledby', 'aria-describedby', 'for'].flatMap((name) => (element.getAttribute(name) ?? '').split(/\\s+/)).filter(Boolean);
    for (const id of ids) if (!document.getElementById(id)) say(element, 'names an id that is not there');
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) found.push('id twice: ' + id);

  if (!document.documentElement.lang) found.push('no language');
  if (document.querySelectorAll('main').length !== 1) found.push('not one main');
  const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.localName[1]));
  if (levels.filter((level) => level === 1).length !== 1) found.push('not one h1');
  levels.forEach((level, i) => { if (i > 0 && level > levels[i - 1] + 1) found.push('heading level skipped'); });
  for (const table of all('table')) {
    if (!table.caption?.textContent) say(table, 'table without caption');
    for (const head of table.querySelectorAll('th')) if (!head.scope) say(head, 'header without scope');
  }
  for (const element of document.querySelectorAll('[tabindex]')) if (element.tabIndex > 0) say(element, 'changes the order of tabbing');
  for (const icon of document.querySelectorAll('svg')) {
    if (icon.getAttribute('aria-hidden') !== 'true' && icon.getAttribute('role') !== 'img') say(icon, 'drawing neither named nor hidden');
  }
  // WCAG 2.2, 2.5.8: 24 by 24, but for links in text and what the browser draws.
  for (const element of all('button, .button, summary, .filters a, .top nav a, input, select')) {
    const { width, height } = element.getBoundingClientRect();
    if (width < 24 || height < 24) say(element, 'small target ' + width.toFixed() + '×' + height.toFixed());
  }
  return found;
})()`;

/** Texts whose contrast with what is behind them is below 4.5:1 (WCAG 2.2, 1.4.3), 3:1 where they are large. */
const CONTRAST = `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const paint = canvas.getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const grounds = [];
    for (let at = element; at; at = at.parentElement) {
      const ground = rgba(getComputedStyle(at).backgroundColor);
      if (ground[3] > 0) grounds.unshift(ground);
      if (at.matches('dialog')) break;
    }
    return grounds.reduce((below, ground) => over(ground, below), [255, 255, 255, 1]);
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const found = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !element || element.closest('.visually-hidden, noscript, title, option, [aria-disabled=true]')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    if (range.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const colour = rgba(element instanceof SVGElement ? style.fill : style.color);
    const ground = behind(element);
    colour[3] *= opacityOf(element);
    const [a, b] = [light(over(colour, ground)), light(ground)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    texts += 1;
    if (contrast < (large ? 3 : 4.5)) found.push(contrast.toFixed(2) + ' ' + node.data.trim().slice(0, 40));
  }
  return texts === 0 ? ['no text at all'] : found;
})()`;

/** What leaves the page at the side. */
const OVERFLOW = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !element.closest('.visually-hidden, thead'))
    .map((element) => 'leaves the page: ' + element.outerHTML.slice(0, 120)).slice(0, 5)
    .concat('scrolls sideways');
})()`;

/** Everything that is wrong with the page as it is now. */
export async function complaints(page: Page): Promise<string[]> {
  const lists = await Promise.all([NAMES, CONTRAST, OVERFLOW].map((code) => page.evaluate<string[]>(code)));
  return lists.flat();
}
