import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { en } from '../../frontend/src/locales';
import { de } from '../../frontend/src/locales/german';
import { answered, ask, aWord, flaws, pageOf, PHONE, picture } from './support';

const GERMAN = { ...PHONE, locale: 'de-DE', colorScheme: 'dark' } as const;
const PRIVATE = 'Schreibe eine Erinnerung an anna.lindqvist@example.org, sie zahlt von DE89 3704 0044 0532 0130 00.';

/** A team of the demo company is called like a field of knowledge. */
const TEAM = 'Legal';

const leaves = (words: unknown): string[] =>
  typeof words === 'string' ? [words] : words && typeof words === 'object' ? Object.values(words).flatMap(leaves) : [];
const german = new Set(leaves(de));
/** Every fixed English word and sentence of the product that is not German as well. */
const english = leaves(en).filter((words) => !german.has(words) && !words.includes('{{') && words !== TEAM);

/** A stage on a small German screen in the dark: nothing hangs over the edge, nothing is English, nothing is in the way. */
const stands = async (page: Page, name: string): Promise<void> => {
  await picture(page, `de-${name}`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} is too wide`).toBe(375);
  const shown = await page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.textContent?.trim() ?? '');
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const attribute of ['aria-label', 'title', 'placeholder']) texts.push(element.getAttribute(attribute)?.trim() ?? '');
    }
    return texts.filter(Boolean);
  });
  expect(shown.filter((text) => english.includes(text)), `English in ${name}`).toEqual([]);
  expect(await flaws(page), name).toEqual([]);
};

/** Controls are large enough for a thumb: 44 pixels, or 24 for links in a line of text. */
const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea')]
      .filter((element) => element.checkVisibility() && !element.closest('p, .visually-hidden, [class*="visually-hidden"]'))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1 && (box.width < 24 || box.height < 24))
      .map(({ element, box }) => `${element.getAttribute('aria-label') ?? element.textContent}: ${Math.round(box.width)} × ${Math.round(box.height)}`),
  );

describe('German, in the dark, on a phone', () => {
  it('the first page and the list of conversations stand', async () => {
    const page = await pageOf('lena', 'acme', GERMAN);
    await stands(page, 'first');
    expect(await tooSmall(page)).toEqual([]);
    await page.getByRole('button', { name: 'Unterhaltungen zeigen' }).click();
    const sheet = page.getByRole('dialog', { name: 'Unterhaltungen' });
    await sheet.waitFor();
    await stands(page, 'list');
    await sheet.getByRole('button', { name: 'Für mich freigegeben' }).click();
    await sheet.getByText('Niemand gibt eine Unterhaltung').waitFor();
    await stands(page, 'shared');
    await sheet.getByRole('textbox', { name: 'Unterhaltungen durchsuchen' }).fill(aWord());
    await sheet.getByText('Nichts gefunden').first().waitFor();
    await stands(page, 'search');
    expect(await tooSmall(page)).toEqual([]);
  });

  it('the hint on private text and what would change it stand', async () => {
    const page = await pageOf('lena', 'acme', GERMAN);
    await page.locator('textarea').fill(PRIVATE);
    await page.locator('form').getByText('Diese Frage bleibt').waitFor();
    await stands(page, 'hint');
    await page.getByRole('button', { name: /^Modell/ }).click();
    await stands(page, 'models');
    await page.keyboard.press('Escape');
    // A budget of which nothing is told has no alarm.
    expect(await page.getByText('aufgebraucht').count()).toBe(0);
  });

  it('an answer, its record, its menus and sharing stand', async () => {
    const page = await pageOf('lena', 'acme', GERMAN);
    await ask(page, PRIVATE);
    await answered(page);
    await stands(page, 'answer');
    expect(await tooSmall(page)).toEqual([]);
    await page.getByRole('button', { name: 'Warum' }).last().click();
    await page.getByText('Vorher zurückgelegt').waitFor();
    await stands(page, 'why');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Mit einem anderen Modell' }).last().click();
    await page.getByRole('menu').waitFor();
    await stands(page, 'again');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Schlechte Antwort' }).last().click();
    await page.getByText('Was war falsch?').waitFor();
    await stands(page, 'rating');
    await page.getByRole('button', { name: 'Ohne Begründung' }).click();
    await page.getByRole('button', { name: 'Frage ändern' }).last().click();
    await stands(page, 'edit');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Aktionen dieser Unterhaltung' }).click();
    await stands(page, 'actions');
    await page.getByRole('menuitem', { name: 'Freigeben …' }).click();
    await page.getByRole('dialog', { name: /freigeben/ }).waitFor();
    await page.getByText('Niemand sonst.').waitFor();
    await stands(page, 'sharing');
  });
});
