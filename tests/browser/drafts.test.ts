import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, aWord, chooseInRow, list, pageOf, picture, row, SERVER_URL, signIn, stranger } from './support';

/** A second device: another browser, another session. */
const deviceOf = async (person: string): Promise<Page> => {
  const page = await (await stranger()).newPage();
  await signIn(page, person);
  await page.locator('textarea').waitFor();
  return page;
};

const holds = (page: Page, text: string): Promise<unknown> =>
  page.waitForFunction((wanted) => document.querySelector('textarea')?.value === wanted, text, { timeout: 10_000 });

describe('a draft', () => {
  it('follows the person to their second device, and goes there when it is sent', async () => {
    const [desk, phone] = await Promise.all([deviceOf('adam'), deviceOf('adam')]);
    const text = `Name one ${aWord()} colour.`;
    await desk.locator('textarea').fill(text);
    await holds(phone, text);
    await picture(phone, 'draft');

    const third = await deviceOf('adam');
    await holds(third, text);

    await desk.locator('textarea').press('Enter');
    await answered(desk);
    await holds(phone, '');
    await holds(third, '');
  });

  it('of a conversation stays with it', async () => {
    const desk = await deviceOf('adam');
    const word = aWord();
    await ask(desk, `Explain the word ${word} in one sentence.`);
    await answered(desk);
    await desk.locator('textarea').fill('And the opposite?');
    await desk.getByRole('link', { name: 'New conversation' }).click();
    await desk.getByText('Ask in your own words').waitFor();
    await holds(desk, '');
    const phone = await deviceOf('adam');
    await row(phone, new RegExp(word)).click();

    await holds(phone, 'And the opposite?');
  });
});

describe('two tabs', () => {
  it('are in step: new, renamed and deleted conversations', async () => {
    const first = await pageOf('adam');
    const second = await first.context().newPage();
    await second.goto(SERVER_URL);
    await second.locator('textarea').waitFor();
    const [word, title] = [aWord(), `Plan ${aWord()}`];
    await ask(first, `Explain the word ${word} in one sentence.`);
    await answered(first);

    await row(second, new RegExp(word)).click();
    await second.getByRole('article').waitFor();
    await chooseInRow(first, new RegExp(word), 'Rename');
    await first.getByRole('textbox', { name: 'New title' }).fill(title);
    await first.keyboard.press('Enter');
    await row(second, title).waitFor();

    await chooseInRow(first, title, 'Delete');
    await second.getByText('was deleted in another window or on another device').first().waitFor();
    await picture(second, 'deleted-elsewhere');
    await list(second).getByRole('link', { name: title }).waitFor({ state: 'detached' });
    expect(await second.getByRole('article').count()).toBe(0);
  });
});
