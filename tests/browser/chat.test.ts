import { describe, expect, it } from 'vitest';

import { answered, ask, SERVER_URL, inMidStream, lastAnswer, LONG, pageOf, picture, shownWords, stored, wordsOf } from './support';

describe('asking', () => {
  it('streams an answer that says where it comes from and what it cost', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Write a Python function that tells whether a word is a palindrome.');
    await inMidStream(page);
    await picture(page, 'stream');

    expect(page.url()).toMatch(/\/c\/[0-9a-f-]{36}$/);
    expect(await lastAnswer(page).getByText('Outside provider').isVisible()).toBe(true);

    await answered(page);
    await picture(page, 'answer');
    const answer = (await stored(page)).at(-1);
    expect(answer).toMatchObject({ role: 'assistant', state: 'ok', hosting: 'commercial' });
    expect(await lastAnswer(page).locator('header').first().innerText()).toContain(answer?.model);
    expect(await shownWords(page)).toContain(wordsOf(answer?.text.split('\n')[0] ?? '?'));
    expect(await lastAnswer(page).locator('footer').innerText()).toMatch(/\$0\.\d{4}.*\d\u00a0s.*\d+ words/s);
  });

  it('explains the decision in a drawer that the keyboard opens and closes', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Write a haiku about the sea.');
    await answered(page);
    const why = page.getByRole('button', { name: 'Why' }).last();
    await why.focus();
    await page.keyboard.press('Enter');

    const drawer = page.getByRole('complementary', { name: 'Why this model' });
    await drawer.getByText('Set aside before sending').waitFor();
    expect(await drawer.locator('[aria-current="true"]').innerText()).toContain((await stored(page)).at(-1)?.model);
    expect(page.url()).toContain('why=');
    await picture(page, 'why');

    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await why.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('answers again on request, and keeps the first answer', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name three primary colours.');
    await answered(page);
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.getByText('2/2').waitFor();
    await answered(page);

    await page.getByRole('button', { name: 'Previous version' }).click();

    await page.getByText('1/2').waitFor();
    expect((await stored(page)).filter(({ role }) => role === 'assistant')).toHaveLength(2);
  });

  it('lets a second question wait for its turn', async () => {
    const page = await pageOf('erin');
    await ask(page, LONG);
    await inMidStream(page);
    await ask(page, 'And which colour has the sky?');
    await page.getByText('Waits until the answer above is finished').waitFor();
    await picture(page, 'queue');

    await page.getByText('Waits until').waitFor({ state: 'detached', timeout: 45_000 });
    await answered(page);

    expect((await stored(page)).map(({ role, state }) => [role, state])).toEqual([
      ['user', 'ok'], ['assistant', 'ok'], ['user', 'ok'], ['assistant', 'ok'],
    ]);
  });
});

describe('stopping', () => {
  it('with Escape keeps what was written', async () => {
    const page = await pageOf('erin');
    await ask(page, LONG);
    await inMidStream(page);
    const began = Date.now();
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();

    expect(Date.now() - began).toBeLessThan(1_500);
    await answered(page);
    await picture(page, 'stopped');
    const answer = (await stored(page)).at(-1);
    expect(answer).toMatchObject({ state: 'stopped' });
    expect(await shownWords(page)).toBe(wordsOf(answer?.text ?? '?'));
  });
});

describe('the list', () => {
  it('shows the new conversation, and leads back to it', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Explain the word entropy in one sentence.');
    await answered(page);
    const here = page.url();
    await page.getByRole('link', { name: 'New conversation' }).click();
    await page.getByText('Ask in your own words').waitFor();

    await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: /entropy/ }).first().click();

    await page.waitForURL(here);
    await page.getByRole('article').waitFor();
  });

  it('says of a conversation that is not there that it is not there', async () => {
    const page = await pageOf('erin');
    await page.goto(`${SERVER_URL}/c/01a20000-0000-7000-8000-000000000000`);

    await page.getByRole('heading', { name: 'There is no such conversation', level: 1 }).waitFor();
  });
});
