import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, fault, lastAnswer, pageOf, picture, stored } from './support';

const PRIVATE = 'Write a reminder to anna.lindqvist@example.org, she pays from DE89 3704 0044 0532 0130 00.';

const MODELS = ['demo-small', 'demo-local', 'demo-large', 'demo-writer', 'demo-counsel', 'demo-coder'];

const hint = (page: Page) => page.locator('form').getByText('This question will stay inside');

describe('private text', () => {
  it('is underlined while it is typed, with what would change its way', async () => {
    const page = await pageOf('lena');
    await page.locator('textarea').fill(PRIVATE);
    await hint(page).waitFor();
    await picture(page, 'hint');

    expect(await page.locator('mark').allInnerTexts()).toEqual(['anna.lindqvist@example.org', 'DE89 3704 0044 0532 0130 00']);
    expect(await page.locator('form').innerText()).toContain('an e-mail address and a bank account');
    await page.getByRole('button', { name: 'Replace with placeholders' }).click();
    await hint(page).waitFor({ state: 'detached' });
    expect(await page.locator('textarea').inputValue()).toContain('[e-mail address]');

    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await page.locator('textarea').inputValue()).toBe(PRIVATE);
  });

  it('bars models outside in the menu', async () => {
    const page = await pageOf('lena');
    await page.locator('textarea').fill(PRIVATE);
    await hint(page).waitFor();
    await page.getByRole('button', { name: /^Model/ }).click();
    await picture(page, 'models');

    expect(await page.getByRole('radio', { name: /demo-large/ }).isDisabled()).toBe(true);
    expect(await page.getByRole('radio', { name: /demo-local/ }).isEnabled()).toBe(true);
  });

  it('is answered inside', async () => {
    const page = await pageOf('lena');
    await ask(page, PRIVATE);
    await answered(page);
    await picture(page, 'inside');

    expect(await lastAnswer(page).locator('header').first().innerText()).toContain('Stays inside Acme GmbH');
    expect((await stored(page)).at(-1)).toMatchObject({ hosting: 'self_hosted', model: 'demo-local' });
    await page.getByText('Private', { exact: true }).first().waitFor();
  });

  it('that no model may see is refused in a sentence, and the draft comes back', async () => {
    const page = await pageOf('greg', 'globex');
    await ask(page, PRIVATE);
    await page.getByText('Your company’s policy does not allow this.').waitFor();
    await picture(page, 'refused');

    await page.getByRole('button', { name: 'Back into the text field' }).click();
    expect(await page.locator('textarea').inputValue()).toBe(PRIVATE);
  });
});

describe('a model that does not answer', () => {
  it('is replaced by another one, with a seam where that happened', async () => {
    await fault('demo-small', '500');
    const page = await pageOf('lena');
    await page.getByRole('button', { name: /^Model/ }).click();
    await page.getByRole('radio', { name: /demo-small/ }).click();
    await ask(page, 'Name three fruits.');
    await answered(page);
    await fault('demo-small', '');
    await picture(page, 'switched');

    await page.getByRole('separator', { name: 'Another model took over here.' }).waitFor();
    const answer = (await stored(page)).at(-1);
    expect(answer?.state).toBe('ok');
    expect(answer?.model).not.toBe('demo-small');
  });

  it('in mid-answer leaves what it wrote, and a way to go on', async () => {
    for (const model of MODELS) await fault(model, 'cut:20');
    const page = await pageOf('lena');
    await ask(page, 'Describe the four seasons in a paragraph each.');
    await page.getByText('The model stopped answering.').waitFor();
    await picture(page, 'failed');
    for (const model of MODELS) await fault(model, '');

    expect((await stored(page)).at(-1)?.state).toBe('partial');
    await page.getByRole('button', { name: 'Try again' }).click();
    await answered(page);
    expect((await stored(page)).at(-1)?.state).toBe('ok');
  });
});
