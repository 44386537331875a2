import { describe, expect, it } from 'vitest';

import { answered, ask, flaws, lastAnswer, listenTo, pageOf, picture, shownWords, stored, wordsOf } from './support';

describe('a model that breaks off in mid-answer', () => {
  it('is followed by another one from that point, behind a seam that says so', async () => {
    const page = await pageOf('erin');
    const heard = await listenTo(page);
    await ask(page, 'Describe the four seasons in a paragraph each. demo-fault=cut:30');
    const seam = page.getByRole('separator', { name: 'Another model took over here.' });
    await seam.waitFor({ timeout: 30_000 });
    await picture(page, 'mid-switch');
    await answered(page);
    await picture(page, 'mid-switched');

    const answer = (await stored(page)).at(-1);
    expect(answer?.state).toBe('ok');
    const headers = await lastAnswer(page).locator('header').allInnerTexts();
    expect(headers).toHaveLength(2);
    expect(headers[1]).toContain(answer?.model);
    expect(headers[0]).not.toContain(answer?.model);
    expect(await shownWords(page)).toBe(wordsOf(answer?.text ?? '?'));
    expect((await heard()).some((words) => words.startsWith('Another model took over'))).toBe(true);
    expect(await flaws(page)).toEqual([]);
  });

  it('shows its seam at the same place after a reload', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Describe the four seasons in a paragraph each. demo-fault=cut:30');
    await page.getByRole('separator').first().waitFor({ timeout: 30_000 });
    await answered(page);
    const parts = () => lastAnswer(page).locator('[class*="prose"]').allInnerTexts();
    const before = (await parts()).map(wordsOf);
    await page.reload();
    await page.getByRole('separator', { name: 'Another model took over here.' }).waitFor();
    await lastAnswer(page).locator('[class*="prose"]').last().waitFor();

    expect((await parts()).map(wordsOf)).toEqual(before);
  });

  it('is told in the record with both attempts', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Describe the four seasons in a paragraph each. demo-fault=cut:30');
    await page.getByRole('separator').first().waitFor({ timeout: 30_000 });
    await answered(page);
    await lastAnswer(page).getByRole('button', { name: /Why/ }).first().click();
    const drawer = page.getByRole('complementary', { name: 'Why this model' });
    await drawer.getByText('Attempts').first().waitFor();
    await picture(page, 'mid-switch-why');

    expect(await flaws(page)).toEqual([]);
  });
});

describe('a budget', () => {
  it('that is used up is told with when there is more, and the question comes back', async () => {
    const page = await pageOf('ida');
    // Long enough to cost something, and answered in one line.
    const question = `Name one colour of these: ${'red, green, blue, '.repeat(300)}white.`;
    const over = page.getByText('The money for this is used up.');
    for (let asked = 0; asked < 8 && (await over.count()) === 0; asked += 1) {
      await ask(page, question);
      await page.waitForFunction(
        (wanted) => {
          const answers = [...document.querySelectorAll('article')];
          return answers.length >= wanted && answers.every((answer) => answer.getAttribute('aria-busy') === 'false');
        },
        asked + 1,
        { timeout: 30_000 },
      );
    }
    await over.waitFor();
    await picture(page, 'budget');

    expect(await lastAnswer(page).getByText(/Wait for the next period, or ask an administrator/).count()).toBe(1);
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back into the text field' }).last().click();
    expect(await page.locator('textarea').inputValue()).toBe(question);
  });
});
