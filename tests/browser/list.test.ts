import { readFile } from 'node:fs/promises';

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, aWord, chooseInRow, flaws, focusName, LONG, list, openRowMenu, pageOf, picture, row, stored } from './support';

/** A conversation with a title of one's own, in which somebody asked about a word that stands nowhere else. */
const conversationAbout = async (page: Page, word: string, question = `Explain the word ${word} in one sentence.`): Promise<void> => {
  await ask(page, question);
  await answered(page);
  await row(page, new RegExp(word)).waitFor();
};

const search = (page: Page) => page.getByRole('textbox', { name: 'Search conversations' });
const view = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describe('search', () => {
  it('finds a word in the middle of a conversation, shows the place, and leads to the message', async () => {
    const page = await pageOf('erin', 'acme', { viewport: { width: 1440, height: 560 } });
    const word = aWord();
    await ask(page, LONG);
    await answered(page);
    await ask(page, `What would a ${word} say to that?`);
    await answered(page);
    await ask(page, LONG);
    await answered(page);
    const here = page.url();
    await page.getByRole('link', { name: 'New conversation' }).click();
    await page.getByText('Ask in your own words').waitFor();

    await page.locator('body').click({ position: { x: 1000, y: 200 } });
    await page.keyboard.press('/');
    await page.keyboard.type(word.slice(0, 6));
    const results = page.getByRole('region', { name: 'Results' });
    const place = results.getByRole('link').filter({ hasText: `What would a ${word} say` });
    await place.locator('mark', { hasText: word }).waitFor();
    await picture(page, 'search');
    expect(await results.getByRole('status').innerText()).toMatch(/^\d+ conversations? found$/);
    expect(await flaws(page)).toEqual([]);
    await place.click();

    await page.waitForURL(`${here}?at=*`);
    const found = page.getByRole('log').getByText(`What would a ${word} say to that?`);
    await found.waitFor();
    await page.waitForFunction((text) => {
      const message = [...document.querySelectorAll('[role="log"] p')].find(({ textContent }) => textContent.includes(text));
      const box = message?.getBoundingClientRect();
      return box !== undefined && box.top >= 0 && box.bottom <= innerHeight;
    }, word);
    await picture(page, 'search-message');
  });

  it('ignores accents and says of words that nobody wrote that they were not found', async () => {
    const page = await pageOf('erin');
    const word = aWord();
    await conversationAbout(page, `é${word}`, `Explain the word é${word} in one sentence.`);
    await search(page).fill(`e${word}`);
    await list(page).locator('mark', { hasText: word }).first().waitFor();

    await search(page).fill(`${word}x${aWord()}`);
    await page.getByText('Nothing found for').first().waitFor();
    await picture(page, 'search-nothing');
    await page.keyboard.press('Escape');

    expect(await search(page).inputValue()).toBe('');
    await row(page, new RegExp(word)).waitFor();
  });
});

describe('a conversation of the list', () => {
  it('is renamed in its place, pinned, archived and brought back', async () => {
    const page = await pageOf('erin');
    const [word, title] = [aWord(), `Notes on ${aWord()}`];
    await conversationAbout(page, word);
    await openRowMenu(page, new RegExp(word));
    await picture(page, 'row-menu');
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'New title' }).fill(title);
    await page.keyboard.press('Enter');
    await row(page, title).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain(title);

    await chooseInRow(page, title, 'Pin');
    await page.getByRole('group', { name: 'Pinned' }).getByRole('link', { name: title }).waitFor();
    await chooseInRow(page, title, 'Archive');
    await row(page, title).waitFor({ state: 'detached' });
    await view(page, 'Archive').click();
    await row(page, title).waitFor();
    await picture(page, 'archive');
    await chooseInRow(page, title, 'Move back to the list');
    await view(page, 'Mine').click();

    await row(page, title).waitFor();
  });

  it('is deleted by a key, and brought back by another one', async () => {
    const page = await pageOf('erin');
    const word = aWord();
    await conversationAbout(page, word);
    const [here, about] = [page.url(), new RegExp(word)];
    await row(page, about).focus();
    await page.keyboard.press('Delete');
    await row(page, about).waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Messages' }).getByText('was deleted').waitFor();
    await picture(page, 'deleted');
    expect(await flaws(page)).toEqual([]);
    expect(page.url()).not.toBe(here);

    await page.keyboard.press('Control+z');

    await row(page, about).click();
    await page.waitForURL(here);
    await page.getByRole('article').waitFor();
  });

  it('is renamed with F2, and Escape leaves its title and the focus as they were', async () => {
    const page = await pageOf('erin');
    const word = aWord();
    await conversationAbout(page, word);
    await row(page, new RegExp(word)).focus();
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'New title' }).fill('something else');
    await page.keyboard.press('Escape');

    await row(page, new RegExp(word)).waitFor();
    expect(await focusName(page)).toContain(word);
  });

  it('is saved as Markdown and as JSON', async () => {
    const page = await pageOf('erin');
    const word = aWord();
    await conversationAbout(page, word);
    const answer = (await stored(page)).at(-1);
    const saved = async (item: string): Promise<{ name: string; text: string }> => {
      const [download] = await Promise.all([page.waitForEvent('download'), chooseInRow(page, new RegExp(word), item)]);
      return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
    };

    const markdown = await saved('Export as Markdown');
    expect(markdown.name).toMatch(/\.md$/);
    expect(markdown.text).toContain(`Explain the word ${word} in one sentence.`);
    expect(markdown.text).toContain(answer?.text.split('\n')[0]);
    expect(markdown.text).toContain(answer?.model);

    const json = await saved('Export as JSON');
    expect(json.name).toMatch(/\.json$/);
    expect(JSON.parse(json.text)).toMatchObject({ format: 'openroute-conversation/1' });
  });

  it('leads to its neighbours by Alt and an arrow', async () => {
    const page = await pageOf('erin');
    const words = [aWord(), aWord()];
    for (const word of words) {
      await page.getByRole('link', { name: 'New conversation' }).click();
      await conversationAbout(page, word);
    }
    const newer = page.url();
    await page.keyboard.press('Alt+ArrowDown');
    await page.waitForURL((url) => url.href !== newer);
    await page.getByText(`Explain the word ${words[0] ?? ''}`).first().waitFor();
    await page.keyboard.press('Alt+ArrowUp');

    await page.waitForURL(newer);
  });
});

describe('the palette', () => {
  it('opens by Ctrl K, finds a conversation and a command, and gives the focus back', async () => {
    const page = await pageOf('erin');
    const word = aWord();
    await conversationAbout(page, word);
    const here = page.url();
    await page.getByRole('link', { name: 'New conversation' }).click();
    await page.getByText('Ask in your own words').waitFor();

    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Search and commands' });
    await palette.getByRole('option').first().waitFor();
    await picture(page, 'palette');
    expect(await flaws(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('question');

    await page.keyboard.press('Control+k');
    await page.keyboard.type(word);
    await palette.getByRole('option', { name: new RegExp(word) }).waitFor();
    await picture(page, 'palette-found');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(here));

    await page.keyboard.press('Control+k');
    await page.keyboard.type('new conv');
    await palette.getByRole('option', { name: /New conversation/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Ask in your own words').waitFor();
  });
});

describe('the sheet of keys', () => {
  it('opens by "?", and switches keys without Ctrl off for good', async () => {
    const page = await pageOf('erin');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    const open = async (): Promise<void> => {
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      await page.keyboard.press('?');
    };
    await open();
    await keys.waitFor();
    await picture(page, 'keys');
    expect(await flaws(page)).toEqual([]);
    await keys.getByRole('switch').click();
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('textarea').waitFor();
    await open();
    await page.keyboard.press('/');

    expect(await keys.count()).toBe(0);
    expect(await search(page).evaluate((field) => field === document.activeElement)).toBe(false);
  });
});
