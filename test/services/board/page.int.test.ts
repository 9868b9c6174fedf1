import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../support/chromium.js';
import { eventually, picture } from '../../web/dashboard/support.js';
import { type BoardSetting, basic, openBoard } from './fleet.js';

let board: BoardSetting;
let browser: Browser;
let secret: string;
beforeAll(async () => {
  [browser, board] = await Promise.all([launchChromium(), openBoard('redis')]);
  ({ secret } = await board.api.token('admin'));
});
afterAll(async () => {
  await browser.close();
  await board.stop();
});

const signedIn = async (): Promise<Page> => {
  const httpCredentials = { username: 'admin', password: secret };
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, httpCredentials });
  return context.newPage();
};

describe('the board in a browser', () => {
  it('asks for a token, and shows queues and their jobs', async () => {
    const stranger = await browser.newPage();
    await expect(stranger.goto(board.url)).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');
    await stranger.close();

    const page = await signedIn();
    const trouble: string[] = [];
    const loaded: string[] = [];
    page.on('pageerror', (error) => trouble.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') trouble.push(message.text());
    });
    page.on('response', (response) => {
      loaded.push(response.url());
      if (response.status() >= 400) trouble.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(board.url);
    await page.waitForSelector('h2:has-text("fetch"), a:has-text("fetch")');
    await picture(page, 'board-queues');
    await page.goto(`${board.url}/queue/title`);
    await page.waitForSelector('text=jobData');
    expect(await page.textContent('body')).toContain('a-title-1');
    await picture(page, 'board-jobs');
    // The font that it would like lies elsewhere, and is not asked for.
    expect(trouble.filter((text) => !text.startsWith("Loading the stylesheet 'https://fonts."))).toEqual([]);
    expect(loaded.filter((url) => !url.startsWith(board.url))).toEqual([]);
    await page.context().close();
  });

  it('changes queues, from its own page and from no other', async () => {
    const queue = board.queues.queue('fetch');
    const page = await signedIn();
    // Not by the front door: then a browser asks for most of the page without the token first.
    await page.goto(`${board.url}/queue/fetch`);
    await page.waitForSelector('text=jobData');
    await page.click('button[aria-haspopup="menu"] >> nth=-1');
    await page.click('role=menuitem >> text=Pause');
    await page.click('role=button[name="Confirm"]');
    await eventually(() => queue.isPaused()).toBe(true);

    const evil = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(
        `<form method="post" enctype="text/plain" action="${board.url}/api/queues/fetch/add"></form>` +
          '<script>document.forms[0].submit()</script>',
      );
    });
    evil.listen(0, '127.0.0.1');
    await once(evil, 'listening');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    // To browsers this name is another site.
    await page.goto(`http://localhost:${(evil.address() as AddressInfo).port}/`);
    const answer = await answered;
    // The password came along, which is why it takes more than that.
    expect((await answer.request().allHeaders())['authorization']).toBe(basic(secret, 'admin'));
    expect(answer.status()).toBe(403);
    // Other requests of the page may end after it.
    expect(board.api.log).toContainEqual(expect.objectContaining({ code: 'CROSS_SITE' }));
    await page.context().close();
    evil.closeAllConnections();
    evil.close();
  });
});
