import { describe, expect, it } from 'vitest';

import { answered, ask, focusName, inMidStream, lastAnswer, listenTo, LONG, pageOf, picture, stored, tabTo } from './support';

/** Nothing in these journeys is done with a mouse. */
describe('without a mouse', () => {
  it('an answer is asked for again from another model, and both stay reachable', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name three primary colours.');
    await answered(page);
    const first = (await stored(page)).at(-1)?.model;
    const other = first === 'demo-large' ? 'demo-small' : 'demo-large';
    await tabTo(page, 'With another model', true);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: other }).waitFor();
    await picture(page, 'another-model');
    await page.keyboard.type(other);
    await page.keyboard.press('Enter');
    await page.getByText('2/2').waitFor();
    await answered(page);
    expect((await stored(page)).at(-1)?.model).toBe(other);
    expect(await lastAnswer(page).locator('header').first().innerText()).toContain(other);

    await tabTo(page, 'Previous version', true);
    await page.keyboard.press('Enter');
    await page.getByText('1/2').waitFor();

    expect(await lastAnswer(page).locator('header').first().innerText()).toContain(first);
  });

  it('a question is changed in its place; the old wording stays in a branch of its own', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name three rivers in Europe.');
    await answered(page);
    await tabTo(page, 'Edit question', true);
    await page.keyboard.press('Enter');
    const field = page.getByRole('textbox', { name: 'Change your question' });
    expect(await field.inputValue()).toBe('Name three rivers in Europe.');
    await picture(page, 'edit');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Name three rivers in Asia.');
    await page.keyboard.press('Enter');
    await page.getByText('Name three rivers in Asia.').first().waitFor();
    await answered(page);
    await picture(page, 'branch');
    expect(await page.getByText('2/2').count()).toBe(1);
    expect(await focusName(page)).not.toBe('');

    await tabTo(page, 'Previous version', true);
    await page.keyboard.press('Enter');

    await page.getByRole('log').getByText('Name three rivers in Europe.').waitFor();
    await page.getByRole('log').getByText('Name three rivers in Asia.').waitFor({ state: 'detached' });
  });

  it('Escape leaves a question as it was, and the focus where it came from', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name two metals.');
    await answered(page);
    await tabTo(page, 'Edit question', true);
    await page.keyboard.press('Enter');
    await page.keyboard.type(' And two gases.');
    await page.keyboard.press('Escape');

    await page.getByRole('textbox', { name: 'Change your question' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('log').getByText('Name two metals.').count()).toBe(1);
    expect(await focusName(page)).toBe('Edit question');
  });

  it('an answer is quoted into the next question', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name one planet.');
    await answered(page);
    await tabTo(page, 'Quote', true);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'question');
    const answer = (await stored(page)).at(-1)?.text ?? '?';

    expect(await page.locator('#question').inputValue()).toContain(`> ${answer.split('\n')[0] ?? ''}`);
    await picture(page, 'quote');
  });

  it('a bad answer is rated with a reason', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name one ocean.');
    await answered(page);
    const heard = await listenTo(page);
    await tabTo(page, 'Bad answer', true);
    await page.keyboard.press('Enter');
    await page.getByText('What was wrong?').waitFor();
    expect(await focusName(page)).toBe('Not correct');
    await page.keyboard.press('Space');
    await tabTo(page, /In your own words|^$/);
    await page.keyboard.type('There are more');
    await picture(page, 'rating');
    const [reply] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/feedback/')),
      page.keyboard.press('Enter'),
    ]);

    expect(reply.status()).toBeLessThan(300);
    expect(reply.request().postDataJSON()).toEqual({ verdict: 'down', reason: 'wrong: There are more' });
    await page.waitForFunction(() => (window as unknown as { heard: string[] }).heard.some((words) => words.includes('Thank you')));
    expect((await heard()).join(' ')).toContain('Thank you');
    expect(await focusName(page)).toBe('Bad answer');
    expect(await page.getByRole('button', { name: 'Bad answer' }).getAttribute('aria-pressed')).toBe('true');
  });

  it('single keys on an answer open its record and ask again; the focus comes back from the record', async () => {
    const page = await pageOf('erin');
    await ask(page, 'Name one desert.');
    await answered(page);
    await tabTo(page, 'Copy answer', true);
    await page.keyboard.press('w');
    const drawer = page.getByRole('complementary', { name: 'Why this model' });
    await drawer.waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await focusName(page)).toBe('Copy answer');
    await page.keyboard.press('r');
    await page.getByText('2/2').waitFor();
    await answered(page);

    expect((await stored(page)).filter(({ role }) => role === 'assistant')).toHaveLength(2);
  });

  it('what is asked while an answer is written waits, can be changed and taken out', async () => {
    const page = await pageOf('erin');
    await ask(page, LONG);
    await inMidStream(page, 5);
    await ask(page, 'And then?');
    await page.getByText('Waits until the answer above is finished').waitFor();
    await tabTo(page, 'Edit', true);
    await page.keyboard.press('Enter');
    await page.getByText('Waits until').waitFor({ state: 'detached' });
    expect(await page.locator('#question').inputValue()).toBe('And then?');
    await page.locator('#question').press('Enter');
    await page.getByText('Waits until').waitFor();
    await tabTo(page, 'Remove', true);
    await page.keyboard.press('Enter');

    await page.getByText('Waits until').waitFor({ state: 'detached' });
    await page.locator('#question').focus();
    await page.keyboard.press('Escape');
    await page.getByText('You stopped this answer.').waitFor();
    expect((await stored(page)).map(({ role }) => role)).toEqual(['user', 'assistant']);
  });
});

describe('a private message', () => {
  it('is left out of a new branch, which models outside may answer', async () => {
    const page = await pageOf('lena');
    await ask(page, 'Name three fruits.');
    await answered(page);
    await ask(page, 'Write to anna.lindqvist@example.org, she pays from DE89 3704 0044 0532 0130 00.');
    await answered(page);
    expect((await stored(page)).at(-1)?.hosting).toBe('self_hosted');
    await page.getByRole('group', { name: 'You' }).last().getByRole('button', { name: 'Branch without this message' }).click();
    await page.getByText('A new branch begins here.').last().waitFor();
    await picture(page, 'without');
    await ask(page, 'Write a poem about three vegetables.');
    await page.getByRole('log').getByText('Write a poem about three vegetables.').waitFor();
    await answered(page);

    expect((await stored(page)).at(-1)?.hosting).toBe('commercial');
    expect(await page.getByRole('log').innerText()).not.toContain('anna.lindqvist');
  });
});
