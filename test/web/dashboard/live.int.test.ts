import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiTitle } from '../../../src/services/api/index.js';
import { launchChromium } from '../../support/chromium.js';
import { fill, progressOf, titleOf } from './example.js';
import { FakeApi, READER, TOKEN, problemOf } from './fake-api.js';
import {
  type OpenOptions,
  type Opened,
  buildDashboard,
  eventually,
  focused,
  openRoute,
  until,
} from './support.js';

let browser: Browser;
let folder: string;
let api: FakeApi;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-dashboard-'));
  [browser] = await Promise.all([launchChromium(), buildDashboard(folder)]);
});
beforeEach(async () => {
  api = new FakeApi(folder);
  await api.start();
  fill(api);
});
afterEach(async () => {
  // Those of tests that failed, too.
  await Promise.all(browser.contexts().map((context) => context.close()));
  await api.stop();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

function open(route: string, options: OpenOptions = {}): Promise<Opened> {
  return openRoute(browser, api, route, options);
}

async function close({ page, trouble }: Opened): Promise<void> {
  expect(trouble).toEqual([]);
  await page.context().close();
}

const titleOfPage = (id: string): ApiTitle => api.titles.find((title) => title.id === id)!;
const now = (): string => new Date().toISOString();
const rows = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`[...document.querySelectorAll('.title-link')].map((link) => link.textContent)`);
const row = (name: string): string => `tbody tr:has-text(${JSON.stringify(name)})`;

async function isLive(page: Page): Promise<void> {
  await page.waitForSelector('[data-live="live"]');
}

describe('signing in', () => {
  it('asks for a token, refuses a wrong one, keeps the right one for this tab, and goes where one wanted to', async () => {
    const opened = await open('#/titles/t-done', { token: undefined, expectsRefusals: true });
    const { page } = opened;
    await page.waitForSelector('#token');
    expect(await page.evaluate('document.activeElement.id')).toBe('token');
    await page.keyboard.press('Enter');
    expect(await page.textContent('#token-wrong')).toBe('Enter a token.');
    await page.fill('#token', 'wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=The server does not know this token');
    expect(await page.getAttribute('#token', 'aria-invalid')).toBe('true');
    await page.fill('#token', ` ${TOKEN} `);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("The Long Voyage.mov")');
    // It is in the session of this tab and in a header, and nowhere else.
    expect(await page.evaluate('sessionStorage.getItem("hullcast.token")')).toBe(TOKEN);
    expect(
      await page.evaluate('JSON.stringify(localStorage) + document.cookie + location.href'),
    ).not.toContain(TOKEN);
    expect(await page.context().cookies()).toEqual([]);
    expect(api.requests.every(({ url }) => !url.includes(TOKEN))).toBe(true);
    expect(api.asked('GET', '/v1/titles/t-done').at(-1)?.authorization).toBe(`Bearer ${TOKEN}`);

    await page.click('text=Sign out');
    await page.waitForSelector('#token');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await until(page, `document.querySelector('[data-live]') === null`);
    await close(opened);
  });

  it('says so when the token is no longer good', async () => {
    const opened = await open('', { token: 'expired', expectsRefusals: true });
    await opened.page.waitForSelector('text=The server does not accept the token any more');
    expect(await opened.page.evaluate('sessionStorage.length')).toBe(0);
    await close(opened);
  });
});

describe('the list of titles', () => {
  it('follows what happens without drawing anything anew', async () => {
    const opened = await open('');
    const { page } = opened;
    await isLive(page);
    await page.waitForSelector(row('Harbour Lights'));
    api.tellProgress(progressOf('t-run', 100));
    api.tellProgress(progressOf('t-run-2', 5));
    await page.waitForSelector('.stage-bars >> nth=1');
    await page.evaluate(`(() => {
      window.changes = [];
      window.shifts = 0;
      new MutationObserver((records) => records.forEach((record) => {
        if (record.type === 'childList') changes.push(record.target.outerHTML);
      })).observe(document.querySelector('table'), { childList: true, subtree: true });
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => { shifts += entry.value; }))
        .observe({ type: 'layout-shift' });
      document.querySelector('.title-link').focus();
    })()`);
    for (let done = 120; done <= 600; done += 60) {
      api.tellProgress(progressOf('t-run', done));
      await page.waitForTimeout(40);
    }
    const encode = `${row('Harbour Lights')} >> li:has-text("encode")`;
    await eventually(() => page.textContent(encode)).toContain('600 of 640 jobs done, 8 running, 1 failed');
    const share = (600 + (812 / 2304) * 8) / 640;
    expect(await page.getAttribute(`${encode} >> .bar-fill`, 'style')).toBe(
      `transform: scaleX(${share.toFixed(4)});`,
    );
    // Only texts and widths have changed: no element came or went, nothing moved, the focus is where it was.
    expect(await page.evaluate('changes')).toEqual([]);
    expect(await page.evaluate('shifts')).toBe(0);
    expect(await focused(page)).toBe('Evening News 2025-06-01.mxf');
    // A screen reader is not told of progress.
    expect(await page.textContent('#announcer')).toBe('');

    api.tell('title.failed', {
      ...titleOfPage('t-run'),
      ...{ state: 'failed', updatedAt: now(), finishedAt: now() },
      error: { code: 'DISK_FULL', message: 'no space left' },
    });
    await page.waitForSelector(`${row('Harbour Lights')} >> .badge:has-text("failed")`);
    expect(await page.textContent(row('Harbour Lights'))).toContain('DISK_FULL');
    await eventually(() => page.textContent('#announcer')).toBe('Harbour Lights S01E04.mov failed');

    const before = await rows(page);
    api.tell(
      'title.submitted',
      titleOf('t-latest', { name: 'Latest.mov', createdAt: now(), updatedAt: now() }),
    );
    await eventually(() => rows(page)).toEqual(['Latest.mov', ...before]);
    api.tell('title.deleted', { ...titleOfPage('t-gone'), updatedAt: now() });
    await expect
      .poll(() => rows(page))
      .toEqual(['Latest.mov', ...before.filter((name) => name !== 'Trailer (old).mov')]);
    await close(opened);
  });

  it('comes back after a broken connection with what was missed, and says when it is not live', async () => {
    const opened = await open('', { expectsRefusals: true });
    const { page } = opened;
    await isLive(page);
    const last = titleOf('t-1', { name: 'One.mov', createdAt: now(), updatedAt: now() });
    api.tell('title.submitted', last);
    await page.waitForSelector(row('One.mov'));
    const listed = api.asked('GET', '/v1/titles').length;
    api.cutStreams();
    api.tell('title.submitted', titleOf('t-2', { name: 'Two.mov', createdAt: now(), updatedAt: now() }));
    await page.waitForSelector(row('Two.mov'));
    expect(api.asked('GET', '/v1/events').map(({ lastEventId }) => lastEventId)).toEqual([undefined, '1']);
    // The list is looked at again too: the log may not reach back as far as the break.
    await eventually(() => api.asked('GET', '/v1/titles').length).toBe(listed + 1);

    await api.stop();
    await page.waitForSelector('[data-live="waiting"]:has-text("Reconnecting")');
    await eventually(() => page.textContent('#announcer')).toContain('Live updates are lost. Trying again.');
    expect(await rows(page)).toContain('Two.mov');
    await api.start();
    await isLive(page);
    await eventually(() => page.textContent('#announcer')).toContain('Live updates are back');
    await page.context().close(); // with trouble in its console, as it should have: the server was away
  });

  it('filters by state, finds an external id, and turns pages, all in the address', async () => {
    api.titles = Array.from({ length: 120 }, (_, i) =>
      titleOf(`t-${i}`, { name: `Title ${i}`, state: i % 2 ? 'done' : 'failed' }),
    );
    api.titles.push(titleOf('t-ext', { name: 'Found me', externalId: 'house 7/a' }));
    const opened = await open('');
    const { page } = opened;
    await page.waitForSelector(row('Title 49'));
    expect(await rows(page)).toHaveLength(50);
    await page.click('text=Older titles');
    await page.waitForSelector(row('Title 99'));
    expect((await rows(page))[0]).toBe('Title 50');
    await page.click('text=Older titles');
    await page.waitForSelector(row('Found me'));
    expect(await page.isVisible('text=Older titles')).toBe(false);
    await page.goBack();
    await page.waitForSelector(row('Title 50'));
    await page.click('text=Newest titles');
    await page.waitForSelector(row('Title 0'));

    await page.click('nav[aria-label="Titles by state"] >> text=failed');
    await expect
      .poll(async () => (await rows(page)).every((name) => Number(name.slice(6)) % 2 === 0))
      .toBe(true);
    expect(await page.getAttribute('.filters a:has-text("failed")', 'aria-current')).toBe('true');
    expect(page.url()).toContain('#/titles?state=failed');
    await page.click('.filters a:has-text("all")');

    await page.fill('#external-id', 'house 7/a');
    await page.keyboard.press('Enter');
    await eventually(() => rows(page)).toEqual(['Found me']);
    expect(page.url()).toContain('externalId=house+7%2Fa');
    await page.fill('#external-id', 'nobody');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=No titles with the external id “nobody”');
    await page.click('text=Clear');
    await page.waitForSelector(row('Title 0'));
    await close(opened);
  });

  it('says what is wrong where it cannot be had, and tries again', async () => {
    const problem = problemOf(
      503,
      'DB_UNREACHABLE',
      'the database cannot be reached',
      'It is tried again by itself.',
    );
    api.problems.set('GET /v1/titles', problem);
    const opened = await open('', { expectsRefusals: true });
    const { page } = opened;
    await page.waitForSelector('[role=alert]');
    const alert = await page.textContent('[role=alert]');
    for (const part of [problem.detail, problem.hint!, problem.code, problem.errorId])
      expect(alert).toContain(part);
    expect(await page.isVisible('text=Loading')).toBe(false);
    api.problems.clear();
    await page.click('text=Try again');
    await page.waitForSelector(row('Harbour Lights'));
    expect(await page.isVisible('[role=alert]')).toBe(false);
    // Another page that cannot be had does not leave the one before in its place.
    api.problems.set('GET /v1/titles', problem);
    await page.click('.filters a:has-text("done")');
    await page.waitForSelector('[role=alert]');
    expect(await rows(page)).toEqual([]);
    await close(opened);
  });

  it('says that it loads, and that there is nothing yet', async () => {
    api.titles = [];
    api.stuck.add('GET /v1/titles');
    const opened = await open('');
    await opened.page.waitForSelector('[role=status]:has-text("Loading titles")');
    api.stuck.clear();
    await opened.page.reload();
    await opened.page.waitForSelector('text=No titles yet');
    await close(opened);
  });
});

/** Presses Tab until something with this name has the focus; how often. */
async function tabTo(page: Page, name: string): Promise<number> {
  for (let i = 1; i <= 40; i++) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return i;
  }
  throw new Error(`Tab does not come to ${name}`);
}

describe('by keyboard alone', () => {
  it('goes from the list to a title and cancels it, with the focus where one expects it', async () => {
    const opened = await open('');
    const { page } = opened;
    await isLive(page);
    await page.waitForSelector(row('Harbour Lights'));
    // The first stop jumps past the header.
    expect(await tabTo(page, 'Skip to the content')).toBe(1);
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await tabTo(page, 'Harbour Lights S01E04.mov');
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Harbour Lights")');
    expect(await page.evaluate('document.activeElement.localName')).toBe('h1');
    expect(await page.title()).toBe('Harbour Lights S01E04.mov – hullcast');
    await isLive(page);

    await tabTo(page, 'Cancel');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    // The answer that changes nothing comes first.
    expect(await focused(page)).toBe('Let it run');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(await focused(page)).toBe('Cancel');
    expect(api.asked('POST', '/v1/titles/t-run/cancel')).toHaveLength(0);

    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await tabTo(page, 'Cancel the title');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.page-head .badge:has-text("cancelling")');
    expect(api.asked('POST', '/v1/titles/t-run/cancel')).toHaveLength(1);
    // The button has gone: the focus is not lost with it.
    expect(await page.evaluate('document.activeElement.localName')).toBe('h1');
    expect(await page.isVisible('text="Cancel"')).toBe(false);
    api.tell('title.cancelled', {
      ...titleOfPage('t-run'),
      state: 'cancelled',
      updatedAt: now(),
      finishedAt: now(),
    });
    await page.waitForSelector('.page-head .badge:has-text("cancelled")');
    await eventually(() => page.textContent('#announcer')).toContain('was cancelled');

    await page.goBack();
    await page.waitForSelector('h1:has-text("Titles")');
    expect(await focused(page)).toBe('Titles');
    await close(opened);
  });
});

describe('a title', () => {
  it('can be retried and deleted, after a question', async () => {
    const opened = await open('#/titles/t-fail');
    const { page } = opened;
    await page.waitForSelector('text=Why it failed');
    await page.click('text="Retry"');
    await page.click('dialog >> text=Retry the title');
    await page.waitForSelector('.page-head .badge:has-text("queued")');
    expect(api.asked('POST', '/v1/titles/t-fail/retry')).toHaveLength(1);
    expect(await page.isVisible('text=Why it failed')).toBe(false);

    await page.goto(`${api.url}/#/titles/t-gone`);
    await page.click('text="Delete"');
    await page.click('dialog >> text=Keep it');
    expect(api.asked('DELETE', '/v1/titles/t-gone')).toHaveLength(0);
    await page.click('text="Delete"');
    await page.click('dialog >> text=Delete the title');
    await page.waitForSelector('h1:has-text("Titles")');
    await page.waitForSelector(row('Broken Reel'));
    expect(await rows(page)).not.toContain('Trailer (old).mov');
    await close(opened);
  });

  it('says in the dialog why something cannot be done, and stays usable', async () => {
    api.problems.set('POST /v1/titles/t-run/cancel', problemOf(409, 'TITLE_ENDED', 'the title has ended'));
    const opened = await open('#/titles/t-run', { expectsRefusals: true });
    const { page } = opened;
    await page.click('text="Cancel"');
    await page.click('text=Cancel the title');
    await page.waitForSelector('dialog >> [role=alert]:has-text("the title has ended")');
    expect(await page.textContent('dialog')).toContain('TITLE_ENDED');
    await page.click('text=Let it run');
    await page.waitForSelector('dialog', { state: 'detached' });
    await close(opened);
  });

  it('tells a reader that the token may not do that', async () => {
    const opened = await open('#/titles/t-run', { token: READER, expectsRefusals: true });
    const { page } = opened;
    await page.click('text="Cancel"');
    await page.click('text=Cancel the title');
    await page.waitForSelector('dialog >> text=has not the scope that this needs');
    expect(titleOfPage('t-run').state).toBe('running');
    await close(opened);
  });

  it('that is not there says so; one that is deleted by somebody else too', async () => {
    const opened = await open('#/titles/nobody', { expectsRefusals: true });
    const { page } = opened;
    await page.waitForSelector('h1:has-text("No such title")');
    await page.goto(`${api.url}/#/titles/t-gone`);
    await page.waitForSelector('h1:has-text("Trailer")');
    await isLive(page);
    api.tell('title.deleted', { ...titleOfPage('t-gone'), updatedAt: now() });
    await page.waitForSelector('text=This title was deleted.');
    await close(opened);
  });

  it('shows live stages to those who see and to those who listen', async () => {
    const opened = await open('#/titles/t-run');
    const { page } = opened;
    await isLive(page);
    api.tellProgress(progressOf('t-run', 320));
    const bar = page.getByRole('progressbar', { name: 'encode' });
    await eventually(() => bar.getAttribute('aria-valuenow')).toBe('50');
    expect(await bar.getAttribute('aria-valuetext')).toBe('50%, 320 of 640 jobs done, 8 running, 1 failed');
    api.tellProgress(progressOf('t-run', 640));
    await eventually(() => bar.getAttribute('aria-valuenow')).toBe('100');
    // Another title's progress is not asked for.
    expect(api.asked('GET', '/v1/titles/t-run/events')).toHaveLength(1);
    expect(api.asked('GET', '/v1/events')).toHaveLength(0);
    await close(opened);
  });

  it('sends a webhook again', async () => {
    const opened = await open('#/titles/t-done');
    const { page } = opened;
    const failed = 'tr:has-text("title.started")';
    await page.waitForSelector(`${failed} >> text=503 Service Unavailable`);
    await page.click(`${failed} >> text=Replay`);
    await page.waitForSelector(`${failed} >> .badge:has-text("pending")`);
    expect(api.asked('POST', '/v1/deliveries/12/replay')).toHaveLength(1);
    await close(opened);
  });
});

describe('the cluster', () => {
  it('shows workers, queues and failures, follows them, and keeps open what was opened', async () => {
    const opened = await open('#/cluster');
    const { page } = opened;
    await page.waitForSelector(row('encode-01'));
    expect(await page.textContent(row('encode-02'))).toContain('draining');
    expect(await page.textContent(row('spot-17'))).toContain('silent');
    expect(await page.textContent('section:has(#queues) tr:has-text("probe")')).toContain('1,204');
    expect(await page.getAttribute('text=Bull Board', 'href')).toBe('/admin/queues');
    await page.click('.failure >> nth=0 >> summary');
    expect(await page.textContent('.failure >> nth=0 >> pre >> nth=1')).toContain('moov atom not found');

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('role=button[name="Copy: Command"]');
    await page.waitForSelector('text=Copied');
    const command = api.overview.failures[0]!.command!;
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);

    api.overview = { ...api.overview, queues: [{ stage: 'probe', waiting: 7, active: 0, delayed: 0 }] };
    await eventually(() => page.textContent('section:has(#queues) tbody')).toContain('7');
    expect(await page.isVisible('.failure >> nth=0 >> pre >> nth=0')).toBe(true);

    api.overview = { ...api.overview, queues: [], queuesUnreachable: true };
    await page.waitForSelector('text=The queue cannot be reached');
    expect(await page.textContent('.tiles li:has-text("jobs waiting") b')).toBe('?');
    await close(opened);
  });
});

describe('colours', () => {
  it('are the system’s until others are chosen, which the next visit remembers', async () => {
    const opened = await open('', { scheme: 'dark' });
    const { page } = opened;
    const ground = 'getComputedStyle(document.body).backgroundColor';
    await page.waitForSelector(row('Harbour Lights'));
    const dark = await page.evaluate(ground);
    await page.click('role=button[name="Colours: system"]');
    const light = await page.evaluate(ground);
    expect(light).not.toBe(dark);
    await page.reload();
    await page.waitForSelector('role=button[name="Colours: light"]');
    expect(await page.evaluate(ground)).toBe(light);
    await page.click('role=button[name="Colours: light"]');
    expect(await page.evaluate(ground)).toBe(dark);
    await close(opened);
  });

  it('and bars do not move where motion is not wanted', async () => {
    const opened = await open('#/titles/t-run');
    const { page } = opened;
    await isLive(page);
    api.tellProgress(progressOf('t-run', 320));
    await page.waitForSelector('.bar-fill');
    const duration = `getComputedStyle(document.querySelector('.bar-fill')).transitionDuration`;
    expect(await page.evaluate(duration)).toBe('0.3s');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await page.evaluate(duration)).toBe('0s');
    await close(opened);
  });
});
