import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, aWord, flaws, inMidStream, list, LONG, pageOf, picture, row, SERVER_URL } from './support';

const dialog = (page: Page) => page.getByRole('dialog', { name: /^Share/ });

const openSharing = async (page: Page): Promise<void> => {
  await page.getByRole('main').getByRole('button', { name: 'Share', exact: true }).click();
  await dialog(page).waitFor();
};

/** Share the open conversation with whom the words find first. */
const shareWith = async (page: Page, typed: string, name: string): Promise<void> => {
  await openSharing(page);
  await page.keyboard.type(typed);
  await dialog(page).getByRole('option', { name: new RegExp(name) }).waitFor();
  await page.keyboard.press('Enter');
  await dialog(page).getByText(`${name} can read this conversation now.`).waitFor();
};

const sharedWithMe = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Shared with me', exact: true }).click();
};

describe('a conversation that is shared with a colleague', () => {
  it('is read by them, also while it is written, cannot be changed, and ends within 5 seconds when it is taken back', async () => {
    const [erin, emil] = await Promise.all([pageOf('erin'), pageOf('emil')]);
    const word = aWord();
    await ask(erin, `Explain the word ${word} in one sentence.`);
    await answered(erin);
    const address = erin.url();
    await emil.goto(address);
    await emil.getByRole('heading', { name: 'There is no such conversation', level: 1 }).waitFor();

    await shareWith(erin, 'emil', 'Emil Employee');
    await picture(erin, 'share');
    expect(await flaws(erin)).toEqual([]);
    await dialog(erin).getByRole('button', { name: 'Done' }).click();

    await emil.goto(SERVER_URL);
    await sharedWithMe(emil);
    await row(emil, new RegExp(word)).click();
    await emil.waitForURL(address);
    await emil.getByText('Erin Lead has shared this conversation with you.').waitFor();
    expect(await emil.locator('textarea').count()).toBe(0);
    await emil.getByRole('article').waitFor();
    expect(await emil.getByRole('button', { name: /Answer again|Edit question|Bad answer/ }).count()).toBe(0);
    expect(await flaws(emil)).toEqual([]);

    await ask(erin, LONG);
    await inMidStream(emil, 5);
    await picture(emil, 'reader');

    await openSharing(erin);
    await dialog(erin).getByRole('button', { name: 'Stop sharing with Emil Employee' }).click();
    await dialog(erin).getByText('Emil Employee can no longer read').waitFor();
    const taken = Date.now();
    await emil.getByText('no longer shared with you').first().waitFor();
    expect(Date.now() - taken).toBeLessThan(5_000);
    await picture(emil, 'revoked');
    expect(await emil.getByRole('article').count()).toBe(0);
    await sharedWithMe(emil);
    await list(emil).getByRole('link', { name: new RegExp(word) }).waitFor({ state: 'detached' });
  });

  it('is not written to by them, whatever their page sends', async () => {
    const [erin, emil] = await Promise.all([pageOf('erin'), pageOf('emil')]);
    await ask(erin, 'Name one tree.');
    await answered(erin);
    await shareWith(erin, 'emil', 'Emil Employee');
    await emil.goto(erin.url());
    await emil.getByRole('article').waitFor();

    const statuses = await emil.evaluate(async () => {
      const path = `/api/v1/conversations/${window.location.pathname.split('/').at(-1) ?? ''}/`;
      const token = /csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
      const send = async (method: string, url: string, body?: unknown): Promise<number> =>
        (await fetch(url, { method, headers: { 'content-type': 'application/json', 'x-csrftoken': token }, body: body ? JSON.stringify(body) : null })).status;
      return [
        await send('PATCH', path, { title: 'mine' }), await send('DELETE', path),
        await send('POST', `${path}shares/`, { user: 1 }),
      ];
    });

    expect(statuses.every((status) => status === 403 || status === 404)).toBe(true);
    expect(await emil.evaluate(async () => (await fetch(`/api/v1/conversations/${window.location.pathname.split('/').at(-1) ?? ''}/`)).status)).toBe(200);
  });
});

describe('a conversation that is shared with a team', () => {
  it('appears for its members on the open page, marked with whom it comes from', async () => {
    const [erin, emil] = await Promise.all([pageOf('erin'), pageOf('emil')]);
    const word = aWord();
    await ask(erin, `Explain the word ${word} in one sentence.`);
    await answered(erin);
    await sharedWithMe(emil);
    await shareWith(erin, 'rese', 'Research');

    await row(emil, new RegExp(word)).waitFor();
    await picture(emil, 'shared-list');
    expect(await row(emil, new RegExp(word)).innerText()).toContain('from Erin Lead, by a team');
  });
});

describe('a private conversation', () => {
  it('says before it is shared that its readers see the private text', async () => {
    const page = await pageOf('lena');
    await ask(page, 'Write to anna.lindqvist@example.org, she pays from DE89 3704 0044 0532 0130 00.');
    await answered(page);
    await openSharing(page);
    await dialog(page).getByText('This conversation contains private text.').waitFor();
    await picture(page, 'share-private');

    expect(await flaws(page)).toEqual([]);
  });
});
