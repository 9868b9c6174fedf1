import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import { type FakeApi, TOKEN } from './fake-api.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Builds the dashboard from its sources as they are now, as `npm run build` does. */
export async function buildDashboard(folder: string): Promise<void> {
  await build({ configFile: join(ROOT, 'vite.config.ts'), build: { outDir: folder } });
}

export interface OpenOptions {
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
  /** The token that this tab has; none asks for one. */
  token?: string | undefined;
  /** Refusals (4xx, 5xx) that the test provokes. */
  expectsRefusals?: boolean;
}

export interface Opened {
  page: Page;
  /** Console errors, page errors, requests elsewhere, violations of the policy. */
  trouble: string[];
}

/** Opens a route in a tab of its own, signed in unless told otherwise. */
export async function openRoute(
  browser: Browser,
  api: FakeApi,
  route: string,
  options: OpenOptions = {},
): Promise<Opened> {
  const { width = 1280, height = 900, scheme = 'light', expectsRefusals = false } = options;
  const token = 'token' in options ? options.token : TOKEN;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => {
    const isRefusal = message.text().includes('Failed to load resource');
    if (message.type() === 'error' && !(expectsRefusals && isRefusal))
      trouble.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(api.url) && !request.url().startsWith('blob:')) trouble.push(request.url());
  });
  if (token !== undefined) {
    await page.addInitScript(
      `if (window === top) sessionStorage.setItem('hullcast.token', ${JSON.stringify(token)})`,
    );
  }
  await page.goto(`${api.url}/${route}`);
  return { page, trouble };
}

/** Expects something of what comes to be; in good time also on a busy machine. */
export function eventually<T>(
  value: () => Promise<T> | T,
  message?: string,
): ReturnType<typeof expect.poll<T>> {
  return expect.poll(value, { timeout: 15_000, ...(message === undefined ? {} : { message }) });
}

/** Waits for an expression to be true. (Playwright's waitForFunction needs eval, which the page's policy forbids.) */
export async function until(page: Page, expression: string): Promise<void> {
  await eventually(() => page.evaluate(expression), expression).toBe(true);
}

/** The text of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>(
    `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()`,
  );
}

/** Takes a picture for people to look at, into the folder that HULLCAST_PICTURES names, if it does. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['HULLCAST_PICTURES'];
  if (folder === undefined || folder === '') return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
