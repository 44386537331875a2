import { describe, expect, it } from 'vitest';

import { answered, ask, flaws, inMidStream, LONG, pageOf, PHONE, picture } from './support';

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it('nothing stands in the way of assistive technology', async () => {
    const page = await pageOf('erin', 'acme', { colorScheme, reducedMotion: 'reduce' });
    expect(await flaws(page)).toEqual([]);
    await ask(page, 'Write a Python function that adds two numbers, with a table of examples.');
    await answered(page);
    await page.getByRole('button', { name: 'Why' }).last().click();
    await page.getByText('Set aside before sending').waitFor();
    await page.getByRole('button', { name: 'Frames' }).click();
    await page.getByRole('region', { name: 'Frames' }).waitFor();
    await picture(page, `everything-${colorScheme}`);

    expect(await flaws(page)).toEqual([]);
  });
});

describe('on a phone', () => {
  it('everything is within reach, and nothing hangs over the edge', async () => {
    const page = await pageOf('erin', 'acme', PHONE);
    await ask(page, 'Write a Python function that adds two numbers.');
    await answered(page);
    await picture(page, 'phone');

    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show conversations' }).click();
    await page.getByRole('dialog', { name: 'Conversations' }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Why' }).last().click();
    await page.getByRole('dialog', { name: 'Why this model' }).getByText('Set aside').waitFor();
    await picture(page, 'phone-why');
    expect(await flaws(page)).toEqual([]);
  });
});

describe('in German', () => {
  it('speaks German everywhere, and says so', async () => {
    const page = await pageOf('lena', 'acme', { locale: 'de-DE', colorScheme: 'dark', ...PHONE });
    await ask(page, 'Nenne drei Farben.');
    await page.getByText('Externer Anbieter', { exact: true }).waitFor();
    await answered(page);
    await page.getByRole('button', { name: 'Warum' }).last().click();
    await page.getByText('Vorher zurückgelegt').waitFor();
    await page.getByText(/Wahl für „|bietet viel für „/).waitFor();
    await picture(page, 'phone-german');

    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    expect(await page.locator('[lang="en"]').count()).toBe(0);
    expect(await flaws(page)).toEqual([]);
  });
});

describe('for a screen reader', () => {
  it('the answer is spoken in whole sentences, with who answers first and the end last', async () => {
    const page = await pageOf('erin');
    await page.evaluate(() => {
      const said: string[] = ((window as unknown as { said: string[] }).said = []);
      const region = document.querySelector('[data-announcer="polite"]');
      if (!region) throw new Error('There is no announcer.');
      new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true, subtree: true, characterData: true });
    });
    await ask(page, LONG);
    await answered(page);

    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    const own = said.filter((words) => !words.startsWith('This question'));
    expect(own[0]).toMatch(/, (outside provider|stays inside)$/);
    expect(own.at(-1)).toMatch(/Answer complete, \d+ words$/);
    expect(own.slice(1, -1).every((words) => /[.!?:…"”)\d]$|code/i.test(words.trim()))).toBe(true);
  });

  it('the keyboard alone goes from the skip link to question, stop and answer', async () => {
    const page = await pageOf('erin');
    // A new question takes the focus into its field; a keyboard's first step on a page begins at its top.
    await page.evaluate(() => {
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute('tabindex');
    });
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the question');
    await page.keyboard.press('Enter');
    await page.keyboard.type(LONG);
    await page.keyboard.press('Enter');
    await inMidStream(page);
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();

    expect(await page.evaluate(() => document.activeElement?.id)).toBe('question');
  });
});
