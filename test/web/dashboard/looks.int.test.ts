import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../../support/chromium.js';
import { complaints } from './audit.js';
import { fill, progressOf } from './example.js';
import { FakeApi } from './fake-api.js';
import { type OpenOptions, buildDashboard, openRoute, picture } from './support.js';

let browser: Browser;
let folder: string;
let api: FakeApi;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-dashboard-'));
  [browser] = await Promise.all([launchChromium(), buildDashboard(folder)]);
  api = new FakeApi(folder);
  await api.start();
});
// With times as of now.
beforeEach(() => void fill(api));
afterAll(async () => {
  await browser.close();
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

interface View {
  name: string;
  route: string;
  options?: OpenOptions;
  /** Brings the page to where the picture is taken. */
  ready: (page: Page) => Promise<unknown>;
}

async function live(page: Page): Promise<void> {
  await page.waitForSelector('[data-live="live"]');
  for (const [id, done] of [
    ['t-run', 412],
    ['t-run-2', 20],
    ['t-stop', 600],
  ] as const) {
    api.tellProgress(progressOf(id, done));
  }
}

const VIEWS: View[] = [
  {
    name: 'sign-in',
    route: '',
    options: { token: undefined },
    ready: (page) => page.waitForSelector('#token'),
  },
  {
    name: 'titles',
    route: '',
    ready: async (page) => {
      await live(page);
      await page.waitForSelector('.stage-bars >> nth=2');
    },
  },
  { name: 'none', route: '#/titles?externalId=nobody', ready: (page) => page.waitForSelector('.empty') },
  {
    name: 'running',
    route: '#/titles/t-run',
    ready: async (page) => {
      await live(page);
      await page.waitForSelector('.full-stages');
    },
  },
  {
    name: 'done',
    route: '#/titles/t-done',
    ready: async (page) => {
      await page.waitForSelector('[data-mark="shot"]');
      await page.waitForSelector('#deliveries');
      await page.click('text=Shots that score lowest');
      await page.click('text=Addresses of the manifests');
    },
  },
  {
    name: 'failed',
    route: '#/titles/t-fail',
    ready: (page) => page.waitForSelector('.failure'),
  },
  {
    name: 'dialog',
    route: '#/titles/t-run',
    ready: async (page) => {
      await page.click('text="Cancel"');
      await page.waitForSelector('dialog[open]');
    },
  },
  {
    name: 'cluster',
    route: '#/cluster',
    ready: (page) => page.click('.failure >> nth=0 >> summary'),
  },
];

const SIZES = [
  [1280, 'light'],
  [1280, 'dark'],
  [360, 'light'],
  [360, 'dark'],
] as const;

/** Complaints are told of with the size and the colours at which they were found. */
describe('the dashboard in Chromium', () => {
  it.each(VIEWS)(
    '$name: has names, contrast and room for everything',
    async ({ name, route, options, ready }) => {
      const { page, trouble } = await openRoute(browser, api, route, options);
      await ready(page);
      const found: string[] = [];
      for (const [width, scheme] of SIZES) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: scheme });
        await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))');
        await picture(page, `${name}-${width}-${scheme}`);
        found.push(...(await complaints(page)).map((complaint) => `${width} ${scheme} ${complaint}`));
      }
      expect(found).toEqual([]);
      expect(trouble).toEqual([]);
      await page.context().close();
    },
  );

  it('is looked at by checks that find what is wrong', async () => {
    const { page } = await openRoute(browser, api, '#/cluster', { width: 360 });
    await page.waitForSelector('table');
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend',
      '<button id="workers"></button><h4 id="h">H</h4><h1>Two</h1><table><tr><th>a</th></tr></table>' +
      '<nav aria-label="Main"><a href="#x" tabindex="3">x</a></nav><svg></svg><p aria-labelledby="nothing">p</p>' +
      '<p>wide</p>')`);
    await page.evaluate(
      `(() => { const p = document.querySelector('main > p:last-child'); p.style.color = '#777'; p.style.background = '#888'; p.style.width = '900px'; document.querySelector('button#workers').style.minHeight = 0; })()`,
    );
    const found = (await complaints(page)).map((complaint) => complaint.replace(/:.*| wide$/s, ''));
    for (const expected of [
      ...[
        'has no name',
        'two landmarks of one name',
        'names an id that is not there',
        'id twice',
        'not one h1',
      ],
      ...[
        'heading level skipped',
        'table without caption',
        'header without scope',
        'changes the order of tabbing',
      ],
      ...['drawing neither named nor hidden', 'leaves the page', 'scrolls sideways'],
    ]) {
      expect(found).toContain(expected);
    }
    expect(found.some((complaint) => complaint.startsWith('small target'))).toBe(true);
    expect(found.some((complaint) => /^1\.\d\d/.test(complaint))).toBe(true);
    await page.context().close();
  });
});
