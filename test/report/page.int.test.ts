import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Report, reportHtml } from '../../src/report/index.js';
import { launchChromium } from '../support/chromium.js';
import { exampleReport } from './example.js';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'hullcast-report-'));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  page: Page;
  /** Console errors, page errors, and requests for anything but the page itself. */
  trouble: string[];
}

async function open(report: Report, width: number, scheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const path = join(folder, `${report.shots.length}-${width}-${scheme}.html`);
  await writeFile(path, reportHtml(report));
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== `file://${path}`) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${path}`);
  return { page, trouble };
}

/** Number of marks of a kind that are shown. */
function shown(page: Page, kind: string): Promise<number> {
  return page.evaluate(
    `[...document.querySelectorAll('[data-mark="${kind}"]')].filter((mark) => mark.getClientRects().length > 0).length`,
  );
}

/** Pairs of texts in the same drawing that cover each other by more than a pixel, and texts that leave the page. */
const COLLISIONS = `(() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.plot')) {
    const boxes = [...svg.querySelectorAll('text')]
      .map((text) => ({ name: text.textContent, box: text.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    boxes.forEach((a, i) => {
      if (a.box.left < 0 || a.box.right > document.documentElement.clientWidth) found.push(svg.id + ': ' + a.name);
      for (const b of boxes.slice(i + 1)) {
        const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // A text's box has room above and below its letters.
        if (x > 1 && y > 4) found.push(svg.id + ': ' + a.name + ' / ' + b.name);
      }
    });
  }
  return found;
})()`;

describe('report.html in Chromium', () => {
  it.each([
    [1, 1280, 'light'],
    [5, 1280, 'dark'],
    [5, 390, 'light'],
    [60, 1280, 'light'],
    [60, 390, 'dark'],
    [5, 800, 'light'],
  ] as const)('%i shots, %i px, %s: fits, is quiet, and no labels collide', async (shots, width, scheme) => {
    const { page, trouble } = await open(exampleReport({ shots }), width, scheme);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.evaluate(COLLISIONS)).toEqual([]);
    if (width === 1280) {
      // The ladder is what people come for: it is seen whole.
      const ladder = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('#ladder .scroll'))`;
      expect(await page.evaluate(ladder)).toBe(0);
    }
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('has a mark for every point', async () => {
    const report = exampleReport();
    const chunks = report.renditions.length * report.shots.length;
    for (const width of [1280, 390]) {
      const { page } = await open(report, width);
      expect(await shown(page, 'probe')).toBe(report.probes.length);
      expect(await shown(page, 'chunk')).toBe(chunks);
      expect(await shown(page, 'winner-chunk')).toBe(chunks);
      expect(await shown(page, 'rung')).toBe(report.renditions.length);
      for (const kind of ['cell-vmaf', 'cell-rate', 'cell-crf']) expect(await shown(page, kind)).toBe(chunks);
      expect(await shown(page, 'shot')).toBe(report.shots.length);
      expect(await shown(page, 'finding')).toBe(2);
      const labels = await page.evaluate(
        `[...document.querySelectorAll('.rung-label')].filter((l) => l.getClientRects().length > 0).map((l) => l.textContent).sort()`,
      );
      expect(labels).toEqual(report.renditions.map(({ id }) => id.replace('h264-', '')).sort());
      await page.close();
    }
  });

  it('places shots to scale and rungs where their numbers say', async () => {
    const report = exampleReport();
    const { page } = await open(report, 1280);
    const widths = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.wide [data-mark="shot"] rect')].map((rect) => rect.getBoundingClientRect().width)`,
    );
    const total = widths.reduce((sum, width) => sum + width, 0);
    report.shots.forEach((shot, i) => {
      expect(widths[i]! / total).toBeCloseTo((shot.endFrame - shot.startFrame) / report.title.frames, 2);
    });
    const rungs = await page.evaluate<[number, number][]>(
      `[...document.querySelectorAll('.wide [data-mark="rung"]')].map((mark) => {
        const { e, f } = mark.transform.baseVal[0].matrix;
        return [e, f];
      })`,
    );
    const sorted = [...report.renditions].sort((a, b) => a.averageBitrate - b.averageBitrate);
    // Equal ratios of rates are equal lengths; equal differences of VMAF are equal heights.
    const [first, second, last] = [0, 3, sorted.length - 1];
    const ratio = (a: number, b: number): number =>
      Math.log(sorted[b]!.averageBitrate / sorted[a]!.averageBitrate);
    const gain = (a: number, b: number): number => sorted[b]!.vmaf.mean - sorted[a]!.vmaf.mean;
    const [a, b, c] = [rungs[first]!, rungs[second]!, rungs[last]!];
    expect((b[0] - a[0]) / (c[0] - a[0])).toBeCloseTo(ratio(first, second) / ratio(first, last), 3);
    expect((b[1] - a[1]) / (c[1] - a[1])).toBeCloseTo(gain(first, second) / gain(first, last), 3);
    await page.close();
  });

  it('shows one page of shots at a time and turns pages', async () => {
    const { page } = await open(exampleReport({ shots: 30 }), 1280);
    const visible = `[...document.querySelectorAll('.multiples svg')].filter((s) => s.getClientRects().length > 0).map((s) => s.id)`;
    expect(await page.evaluate(visible)).toEqual(Array.from({ length: 12 }, (_, i) => `shot-0-${i}`));
    await page.selectOption('select[data-pager]', '2');
    expect(await page.evaluate(visible)).toEqual(Array.from({ length: 6 }, (_, i) => `shot-0-${24 + i}`));
    await page.close();
  });

  it('tells the numbers of what is pointed at', async () => {
    const report = exampleReport({ name: '<script>alert(1)</script>"\'&' });
    report.renditions[0]!.id = '<i>"top"&';
    const { page, trouble } = await open(report, 1280);
    expect(await page.textContent('h1')).toBe(report.title.name);
    await page.hover('.wide [data-mark="rung"] >> nth=-1');
    const tip = await page.textContent('#tip');
    expect(tip).toContain('<i>"top"&: 1920×1080');
    expect(tip).toContain(`VMAF ${report.renditions[0]!.vmaf.mean.toFixed(2)}`);
    await page.mouse.move(5, 5);
    expect(await page.isHidden('#tip')).toBe(true);
    expect(trouble).toEqual([]);
    await page.close();
  });
});
