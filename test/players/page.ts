/// <reference lib="dom" />
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type Adapter, type PlayerName, SCRIPTS } from './adapter.js';
import { installDash } from './adapters/dash.js';
import { installHls } from './adapters/hls.js';
import { installShaka } from './adapters/shaka.js';

const INSTALL = { shaka: installShaka, 'hls.js': installHls, 'dash.js': installDash } as const;
const HTML = '<!doctype html><title>player</title><video></video><script src="/matrix.js"></script>';

interface Window {
  adapter: Adapter;
  sound: { context: AudioContext; analyser: AnalyserNode } | undefined;
}

/** A page of a title's server with one of the players. */
export interface PlayerPage {
  page: Page;
  /** Requests that failed or were refused, and errors of the page. */
  trouble: string[];
  /** Licences that were asked for. */
  licences: string[];
  /** Calls the adapter. */
  call<K extends Exclude<keyof Adapter, 'errors'>>(
    name: K,
    ...args: Parameters<Adapter[K]>
  ): Promise<Awaited<ReturnType<Adapter[K]>>>;
  errors(): Promise<string[]>;
  /** Waits for an expression of the page to be true. */
  until(expression: string): Promise<void>;
  /** The strongest frequency of what is heard, Hz. */
  tone(): Promise<number>;
}

/** Throws where it has not come true within half a minute. */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`not within 30 s: ${what}`);
    await new Promise((tick) => setTimeout(tick, 50));
  }
}

export async function openPlayer(browser: Browser, url: string, player: PlayerName): Promise<PlayerPage> {
  const page = await browser.newPage();
  const trouble: string[] = [];
  const licences: string[] = [];
  await page.route('**/matrix.html', (route) => route.fulfill({ contentType: 'text/html', body: HTML }));
  await page.route('**/matrix.js', (route) => route.fulfill({ path: resolve(SCRIPTS[player]) }));
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  page.on('pageerror', ({ message }) => trouble.push(message));
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/license/clearkey') licences.push(request.url());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${url}matrix.html`);
  await page.evaluate(INSTALL[player]);
  return {
    ...{ page, trouble, licences },
    call: (name, ...args) =>
      page.evaluate(
        ([name, args]) => {
          const { adapter } = window as unknown as Window;
          return (adapter[name] as (...args: unknown[]) => unknown)(...args);
        },
        [name, args] as const,
      ) as never,
    errors: () => page.evaluate(() => (window as unknown as Window).adapter.errors),
    until: (expression) => until(expression, () => page.evaluate<boolean>(expression)),
    tone: () =>
      page.evaluate(() => {
        const host = window as unknown as Window;
        if (!host.sound) {
          const context = new AudioContext();
          const analyser = context.createAnalyser();
          analyser.fftSize = 4096;
          context.createMediaElementSource(document.querySelector('video')!).connect(analyser);
          analyser.connect(context.destination);
          host.sound = { context, analyser };
        }
        const { context, analyser } = host.sound;
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const loudest = bins.reduce((best, level, i) => (level > bins[best]! ? i : best), 0);
        return bins[loudest]! < -80 ? 0 : (loudest * context.sampleRate) / analyser.fftSize;
      }),
  };
}
