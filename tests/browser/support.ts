import { mkdirSync } from 'node:fs';

import axe from 'axe-core';
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

/** Playwright keeps connections, the server closes idle ones, and now and then both happen at once. */
export const PATIENT = { maxRetries: 3 };

let browser: Promise<Browser> | undefined;
const contexts: BrowserContext[] = [];
const problems: string[] = [];
const signIns = new Map<string, Awaited<ReturnType<BrowserContext['storageState']>>>();

const launched = (): Promise<Browser> => (browser ??= chromium.launch({ executablePath: CHROMIUM, args: QUIET }));

afterEach(async () => {
  const ended = contexts.splice(0);
  await Promise.all(ended.flatMap((context) => context.pages()).map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
  await Promise.all(ended.map((context) => context.close()));
  expect(problems.splice(0)).toEqual([]);
});
afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

/** What the browser says of sockets, of refusals, and of a network that a journey cut off: each is looked at by its journey. */
const EXPECTED = /WebSocket|status of 4\d\d|ERR_INTERNET_DISCONNECTED/;

/** Nothing may be loaded from elsewhere, break the content security policy, fail, or be thrown. */
const watch = (page: Page): void => {
  page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) problems.push(message.text());
  });
  page.on('request', (request) => {
    // What the page made itself (`blob:`: a file that it saves) comes from nowhere else.
    if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(SERVER_URL)) problems.push(`asked ${request.url()}`);
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

/** Drafts follow a person: what another journey of theirs left in the field must not arrive in this one. */
const dropDraft = async (context: BrowserContext): Promise<void> => {
  const token = (await context.cookies(SERVER_URL)).find(({ name }) => name.endsWith('csrftoken'))?.value ?? '';
  const reply = await context.request.put(`${SERVER_URL}/api/v1/drafts/`, {
    headers: { 'x-csrftoken': token, origin: SERVER_URL }, data: { conversation: null, text: '' }, ...PATIENT,
  });
  expect(reply.ok()).toBe(true);
};

/** The page of somebody of the demo company. They sign in once, and come back with the same session. */
export const pageOf = async (person: string, company = 'acme', options: BrowserContextOptions = {}): Promise<Page> => {
  const known = signIns.get(person + company);
  const context = await stranger(known ? { ...options, storageState: known } : options);
  const page = await context.newPage();
  if (!known) {
    await signIn(page, person, company);
    signIns.set(person + company, await context.storageState());
  }
  await dropDraft(context);
  await page.goto(SERVER_URL);
  await page.locator('textarea').waitFor();
  return page;
};

export const ask = async (page: Page, text: string): Promise<void> => {
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
};

export const PHONE: BrowserContextOptions = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

/** A word that stands in no other conversation, so that journeys of one person do not meet. */
export const aWord = (): string => {
  const syllables = Array.from({ length: 4 }, () => 'bdfgklmnprstvz'[Math.floor(Math.random() * 14)] + ('aeiou'[Math.floor(Math.random() * 5)] ?? ''));
  return syllables.join('');
};

/** What axe finds against WCAG 2.2 AA; nothing is right. */
export const flaws = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run({ runOnly: tags });
    // An open menu stands beside the landmarks on purpose: it is there as long as the focus is in it.
    const isMenu = (id: string, html: string) => id === 'region' && html.includes('role="menu"');
    return violations.flatMap(({ id, nodes }) =>
      nodes.filter(({ html }) => !isMenu(id, html)).map(({ target }) => `${id}: ${String(target)}`));
  });
};

/** The conversations at the left. */
export const list = (page: Page) => page.getByRole('navigation', { name: 'Conversations' });

/** The line of a conversation in the list. */
export const row = (page: Page, title: string | RegExp) => list(page).getByRole('link', { name: title }).first();

/** Open the menu of a conversation in the list. */
export const openRowMenu = async (page: Page, title: string | RegExp): Promise<void> => {
  const line = list(page).getByRole('listitem').filter({ has: page.getByRole('link', { name: title }) }).first();
  await line.hover();
  await line.getByRole('button', { name: /^More/ }).click();
  await page.getByRole('menu').waitFor();
};

export const chooseInRow = async (page: Page, title: string | RegExp, item: string): Promise<void> => {
  await openRowMenu(page, title);
  await page.getByRole('menuitem', { name: item }).click();
};

/** What the page has told screen readers since this was called. */
export const listenTo = async (page: Page): Promise<() => Promise<string[]>> => {
  await page.evaluate(() => {
    const heard: string[] = ((window as unknown as { heard: string[] }).heard = []);
    const look = () =>
      document.querySelectorAll('[data-announcer], [role="status"], [role="alert"]').forEach(({ textContent }) => {
        const words = textContent.trim();
        if (words && heard.at(-1) !== words) heard.push(words);
      });
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
};

interface Focused {
  name: string;
  isSeen: boolean;
  isOutlined: boolean;
}

/** Who has the focus, whether it can be seen (nothing covers it), and whether it is marked. */
const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { name: '', isSeen: true, isOutlined: true };
    const label = element.getAttribute('aria-labelledby');
    const labelled = label ? document.getElementById(label)?.textContent : null;
    const box = element.getBoundingClientRect();
    // The middle of what is in sight of it: long things reach out of the window.
    const x = (Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2;
    const y = (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2;
    const top = document.elementFromPoint(x, y);
    const isMarked = (one: Element | null, levels: number): boolean => {
      if (!one || levels === 0) return false;
      const { outlineStyle, boxShadow } = getComputedStyle(one);
      return outlineStyle !== 'none' || boxShadow !== 'none' || isMarked(one.parentElement, levels - 1);
    };
    return {
      name: (element.getAttribute('aria-label') ?? labelled ?? element.textContent).trim(),
      isSeen: top !== null && (element.contains(top) || top.contains(element)),
      isOutlined: isMarked(element, 3),
    };
  });

const MOST_STEPS = 80;

/**
 * Go with Tab to the control of this name, and see at each step that the focus is somewhere, in sight and marked. `back`
 * goes with Shift Tab.
 */
export const tabTo = async (page: Page, name: string | RegExp, back = false): Promise<void> => {
  const passed: string[] = [];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const at = await focused(page);
    passed.push(at.name.slice(0, 40));
    expect(at, `the focus after ${passed.join(' > ')}`).toMatchObject({ isSeen: true, isOutlined: true });
    if (typeof name === 'string' ? at.name === name : name.test(at.name)) return;
  }
  throw new Error(`Tab does not lead to ${String(name)}: ${passed.join(' > ')}`);
};

/** The name of what has the focus. */
export const focusName = async (page: Page): Promise<string> => (await focused(page)).name;

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

/** What the page shows of the last answer is all that is stored of it, once. */
export const isWhole = async (page: Page): Promise<void> => {
  const answer = (await stored(page)).at(-1);
  expect(answer?.state).toBe('ok');
  expect(await shownWords(page)).toBe(wordsOf(answer?.text ?? '?'));
};
