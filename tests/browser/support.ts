import { mkdirSync } from 'node:fs';

import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';

export const SERVER_URL = process.env.SERVER_URL ?? 'http://127.0.0.1:8000';
const DEMO_MODELS_URL = process.env.DEMO_MODELS_URL ?? 'http://127.0.0.1:8100';
const PASSWORD = process.env.DEMO_PASSWORD ?? 'openroute-demo';
const SHOTS = process.env.SHOTS;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

let browser: Promise<Browser> | undefined;
const contexts: BrowserContext[] = [];
const problems: string[] = [];
const signIns = new Map<string, Awaited<ReturnType<BrowserContext['storageState']>>>();

const launched = (): Promise<Browser> => (browser ??= chromium.launch({ executablePath: CHROMIUM, args: QUIET }));

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  expect(problems.splice(0)).toEqual([]);
});
afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

/** Nothing may be loaded from elsewhere, break the content security policy, fail, or be thrown. */
const watch = (page: Page): void => {
  page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(SERVER_URL) && !request.url().startsWith('data:')) problems.push(`asked ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
};

/** A new browser of its own, that nobody has signed in with. */
export const stranger = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
  const context = await (await launched()).newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  context.on('page', watch);
  contexts.push(context);
  return context;
};

export const signIn = async (page: Page, person: string, company = 'acme'): Promise<void> => {
  await page.goto(`${SERVER_URL}/accounts/${company}/login/`);
  await page.fill('#login', `${person}@${company}.example`);
  await page.fill('#password', PASSWORD);
  await page.click('button.primary');
  await page.waitForURL(`${SERVER_URL}/`);
};

/** The page of somebody of the demo company. They sign in once, and come back with the same session. */
export const pageOf = async (person: string, company = 'acme', options: BrowserContextOptions = {}): Promise<Page> => {
  const known = signIns.get(person + company);
  const context = await stranger(known ? { ...options, storageState: known } : options);
  const page = await context.newPage();
  if (known) {
    await page.goto(SERVER_URL);
  } else {
    await signIn(page, person, company);
    signIns.set(person + company, await context.storageState());
  }
  await page.locator('textarea').waitFor();
  return page;
};

export const ask = async (page: Page, text: string): Promise<void> => {
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
};

/** A question whose answer takes some seconds. */
export const LONG = 'Write a detailed letter of about 200 words to our neighbours that explains why the road is closed.';

export const lastAnswer = (page: Page) => page.getByRole('article').last();

/** Until the answer is there and nothing is written any more. */
export const answered = async (page: Page): Promise<void> => {
  await page.locator('article[aria-busy="false"] footer').last().waitFor({ timeout: 45_000 });
  await page.locator('article[aria-busy="true"]').waitFor({ state: 'detached', timeout: 45_000 });
};

/** Until some text of the answer has arrived, and more is to come. */
export const inMidStream = async (page: Page, words = 15): Promise<void> => {
  await page.waitForFunction(
    (wanted) => (document.querySelector('article[aria-busy="true"]')?.textContent ?? '').split(/\s+/).length > wanted,
    words,
    { timeout: 30_000 },
  );
};

interface StoredMessage {
  role: string;
  text: string;
  state: string;
  model: string;
  hosting: string;
}

/** What the server has stored of the conversation that the page shows. */
export const stored = (page: Page): Promise<StoredMessage[]> =>
  page.evaluate(async () => {
    const id = window.location.pathname.split('/').at(-1) ?? '';
    const reply = await fetch(`/api/v1/conversations/${id}/messages/`);
    return ((await reply.json()) as { results: StoredMessage[] }).results;
  });

/** Words alone: what a reader sees and what Markdown says differ in marks only. */
export const wordsOf = (text: string): string => text.match(/[\p{L}\p{N}]+/gu)?.join(' ') ?? '';

export const shownWords = async (page: Page): Promise<string> => {
  const blocks = lastAnswer(page).locator('[class*="prose"]');
  return wordsOf((await blocks.allInnerTexts()).join(' '));
};

/** Switch a fault of the demo models on, or off again with an empty one (see demo_models/faults.py). */
export const fault = async (model: string, name: string): Promise<void> => {
  const reply = await fetch(`${DEMO_MODELS_URL}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, fault: name }),
  });
  expect(reply.ok).toBe(true);
};

export const picture = async (page: Page, name: string): Promise<void> => {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, animations: 'disabled' });
};
