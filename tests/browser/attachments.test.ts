import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, aWord, flaws, lastAnswer, pageOf, PATIENT, picture, stored } from './support';

interface Given {
  name: string;
  type: string;
  text?: string;
  /** A picture of this many pixels a side, drawn by the browser. */
  pixels?: number;
}

/** Hand files to the page as a person does: pasted into the field, or dropped on the thread. */
const give = (page: Page, how: 'paste' | 'drop', files: Given[]): Promise<void> =>
  page.evaluate(
    async ({ how, files }) => {
      const drawn = (side: number): Promise<Blob> => {
        const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
        const brush = canvas.getContext('2d');
        if (!brush) throw new Error('This browser does not draw.');
        brush.fillStyle = 'teal';
        brush.fillRect(0, 0, side, side);
        brush.fillStyle = 'gold';
        brush.fillRect(side / 4, side / 4, side / 2, side / 2);
        return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'));
      };
      const data = new DataTransfer();
      for (const { name, type, text, pixels } of files) {
        data.items.add(new File([pixels ? await drawn(pixels) : (text ?? '')], name, { type }));
      }
      const options = { bubbles: true, cancelable: true };
      const field = document.querySelector('#question');
      if (how === 'paste') field?.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
      else for (const type of ['dragenter', 'dragover', 'drop']) {
        document.querySelector('main')?.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: data }));
      }
    },
    { how, files },
  );

const tray = (page: Page) => page.locator('form').getByRole('list', { name: 'Files of this question' });
const isReady = (page: Page, name: string) => tray(page).locator('[data-state="ready"]', { hasText: name }).waitFor();

describe('a file', () => {
  it('that is pasted is read, goes along with the question, and stays beside it', async () => {
    const page = await pageOf('erin');
    const word = aWord();
    await give(page, 'paste', [{ name: 'notes.txt', type: 'text/plain', text: `Minutes of the ${word} meeting.\nWe meet again in spring.\n` }]);
    await isReady(page, 'notes.txt');
    await picture(page, 'file');
    expect(await flaws(page)).toEqual([]);
    await ask(page, 'Summarise the file in one sentence.');
    await answered(page);

    await page.getByRole('link', { name: 'Open notes.txt' }).waitFor();
    expect(await tray(page).count()).toBe(0);
    expect((await stored(page))[0]).toMatchObject({ attachments: [{ name: 'notes.txt', kind: 'text' }] });
    await page.reload();
    const content = await page.getByRole('link', { name: 'Open notes.txt' }).getAttribute('href');
    const reply = await page.request.get(new URL(content ?? '?', page.url()).href, PATIENT);
    expect(await reply.text()).toContain(word);
    expect(reply.headers()).toMatchObject({ 'x-content-type-options': 'nosniff' });
    expect(await flaws(page)).toEqual([]);
  });

  it('that is chosen by the button and taken out again is not sent', async () => {
    const page = await pageOf('erin');
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Add files' }).click(),
    ]);
    await chooser.setFiles([
      { name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from('fruit,price\napple,1\npear,2\n') },
      { name: 'spare.txt', mimeType: 'text/plain', buffer: Buffer.from('not wanted') },
    ]);
    await isReady(page, 'prices.csv');
    await isReady(page, 'spare.txt');
    await page.getByRole('button', { name: 'Remove spare.txt' }).click();
    await tray(page).getByText('spare.txt').waitFor({ state: 'detached' });
    await ask(page, 'Which fruit is cheaper?');
    await answered(page);

    expect((await stored(page))[0]).toMatchObject({ attachments: [{ name: 'prices.csv' }] });
  });

  it('that nobody can read is refused in a sentence, and leaves the question alone', async () => {
    const page = await pageOf('erin');
    await give(page, 'drop', [{ name: 'setup.exe', type: 'application/octet-stream', text: 'MZ\u0000\u0001\u0002\u0003' }]);
    const refused = tray(page).locator('[data-state="failed"]');
    await refused.waitFor();
    await picture(page, 'file-refused');
    expect((await refused.innerText()).replace('setup.exe', '')).toMatch(/\w+ \w+ \w+/);
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove setup.exe' }).click();
    await ask(page, 'Name one colour.');
    await answered(page);

    expect((await stored(page))[0]).toMatchObject({ attachments: [] });
  });

  it('with private content keeps the question inside, and is told while it is typed', async () => {
    const page = await pageOf('lena');
    await give(page, 'paste', [{ name: 'invoice.txt', type: 'text/plain', text: 'Please pay to DE89 3704 0044 0532 0130 00, Anna Lindqvist.\n' }]);
    await isReady(page, 'invoice.txt');
    await page.locator('textarea').fill('Write a reminder for this.');
    await page.locator('form').getByText(/stays? inside Acme GmbH/).waitFor();
    await picture(page, 'file-private');
    await page.keyboard.press('Enter');
    await answered(page);

    expect(await lastAnswer(page).locator('header').first().innerText()).toContain('Stays inside Acme GmbH');
    expect((await stored(page)).at(-1)?.hosting).toBe('self_hosted');
    expect((await stored(page))[0]).toMatchObject({ sensitivity: 'sensitive' });
  });
});

describe('a picture', () => {
  it('that is dropped is shown, and seen by nobody outside', async () => {
    const page = await pageOf('erin');
    await give(page, 'drop', [{ name: 'sign.png', type: 'image/png', pixels: 120 }]);
    await isReady(page, 'sign.png');
    await picture(page, 'picture');
    await ask(page, 'What does the picture show?');
    await answered(page);
    const image = page.getByRole('img', { name: 'Picture: sign.png' });
    await image.waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('img')].every(({ naturalWidth }) => naturalWidth > 0));
    await picture(page, 'picture-sent');

    expect(await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(120);
    expect((await stored(page)).at(-1)).toMatchObject({ hosting: 'self_hosted', state: 'ok' });
    expect(await flaws(page)).toEqual([]);
  });
});
