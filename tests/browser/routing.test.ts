import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { answered, ask, flaws, listenTo, pageOf, PATIENT, PHONE, picture, SERVER_URL, tabTo } from './support';

/** Questions of several people and of several kinds, so that a turned dial moves some of them and not all. */
const QUESTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['erin', ['Write a Python function that reverses a list.', 'Prove that the square root of two is irrational.']],
  ['emil', ['Translate into French: The meeting is at noon.', 'Write a short poem about the sea.']],
  ['dana', ['Fix this SQL: SELECT * FORM users;', 'Why is the sky blue?']],
  ['lena', ['What is a limitation period in contract law?', 'Remind anna.lindqvist@example.org of the rent, she pays from DE89 3704 0044 0532 0130 00.']],
];

interface Policy {
  version: number;
  document: Record<string, unknown>;
}

const policyOf = async (page: Page): Promise<Policy> =>
  (await (await page.request.get(`${SERVER_URL}/api/v1/policy/`, PATIENT)).json()) as Policy;

const put = async (page: Page, document: Policy['document']): Promise<void> => {
  const token = (await page.context().cookies(SERVER_URL)).find(({ name }) => name.endsWith('csrftoken'))?.value ?? '';
  const reply = await page.request.put(`${SERVER_URL}/api/v1/policy/`, {
    headers: { 'x-csrftoken': token, origin: SERVER_URL }, data: { document, comment: 'A journey' }, ...PATIENT,
  });
  expect(reply.ok()).toBe(true);
};

const dial = (page: Page) => page.getByRole('slider', { name: 'Between cost and answer' });

/** Until the figures are those of what is set. */
const calculated = async (page: Page): Promise<void> => {
  await page.locator('[aria-busy="false"]').getByRole('heading', { name: 'Who answers' }).waitFor();
};

const visit = async (page: Page, team = ''): Promise<void> => {
  await page.goto(`${SERVER_URL}/admin/routing${team === '' ? '' : `?team=${team}`}`);
  await page.getByText('Nothing is changed yet.').waitFor();
};

/** The value and the words of a figure. */
const figure = async (page: Page, name: string | RegExp): Promise<string> =>
  (await page.locator('dl > div').filter({ has: page.locator('dt', { hasText: name }) }).innerText()).replace(/\s+/g, ' ');

const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

let original: Policy['document'] = {};

beforeAll(async () => {
  const adam = await pageOf('adam');
  original = (await policyOf(adam)).document;
  for (const [person, questions] of QUESTIONS) {
    const page = await pageOf(person);
    for (const question of questions) {
      await page.goto(SERVER_URL);
      await ask(page, question);
      await answered(page);
    }
  }
  const page = await pageOf('erin');
  await page.getByRole('button', { name: /^Model/ }).click();
  await page.getByRole('radio', { name: /demo-small/ }).click();
  await ask(page, 'Name three rivers.');
  await answered(page);
}, 240_000);

/** Other journeys expect the policy that the demo company begins with. */
afterAll(async () => put(await pageOf('adam'), original));

describe('an administrator', () => {
  it('turns the dial with the keyboard, sees what it would have meant, and puts it into force', async () => {
    const page = await pageOf('adam');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Routing' }).click();
    await calculated(page);
    await page.getByText(/\d+ more questions? went to a model that somebody had named/).waitFor();
    await picture(page, 'routing-before');
    const cost = await figure(page, 'Cost');
    expect(await dial(page).getAttribute('aria-valuetext')).toBe('0.50, in the middle');

    const heard = await listenTo(page);
    await tabTo(page, /^Balanced/);
    await page.keyboard.press('Tab');
    expect(await dial(page).evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('End');
    expect(await dial(page).getAttribute('aria-valuetext')).toBe('1.00, the best answer');
    await page.getByText('Moved from 0.50 to 1.00.').waitFor();
    await calculated(page);
    expect(await figure(page, 'Cost')).not.toBe(cost);
    expect(await figure(page, 'Good answers')).toMatch(/answers \d+ in 100 was \d+ in 100/);
    expect(await figure(page, 'Would go elsewhere')).toMatch(/elsewhere [1-9]\d* of \d+ questions/);
    expect((await heard()).join(' ')).toMatch(/\d+ of \d+ questions would have gone to another model: \$/);
    await picture(page, 'routing-turned');
    expect(await flaws(page)).toEqual([]);

    await page.getByRole('button', { name: 'Put into force' }).click();
    const why = page.getByLabel('Why', { exact: true });
    expect(await why.getAttribute('aria-invalid')).toBe('true');
    await why.fill('Quality comes first this quarter.');
    await page.getByRole('button', { name: 'Put into force' }).click();
    const told = await page.getByText(/In force: version \d+ of the policy/).first().innerText();
    const { version, document } = await policyOf(page);
    expect(told).toContain(`version ${version} `);
    expect(document).toEqual({ ...original, dial: 1 });

    await page.reload();
    await calculated(page);
    expect(await dial(page).inputValue()).toBe('1');
    await page.getByText('Nothing is changed yet.').waitFor();
  });

  it('gives a team its own routing, and takes it back', async () => {
    const page = await pageOf('adam');
    await visit(page);
    await page.getByLabel('For whom').selectOption({ label: 'Research' });
    await page.waitForURL(/team=research/);
    expect(await dial(page).count()).toBe(0);
    await page.getByRole('checkbox', { name: 'As the company' }).uncheck();
    await dial(page).fill('0.2');
    await calculated(page);
    await page.getByLabel('Why', { exact: true }).fill('Research asks many small things.');
    await picture(page, 'routing-team');
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Put into force' }).click();
    await page.getByText('Nothing is changed yet.').waitFor();
    expect((await policyOf(page)).document.teams).toEqual({ research: { strategy: 'balanced', dial: 0.2 } });

    await page.getByLabel('For whom').selectOption({ label: 'Whole company' });
    await page.getByText('The questions of Research are counted as if they followed the company').waitFor();
    await page.getByLabel('For whom').selectOption({ label: 'Research (its own routing)' });
    expect(await dial(page).inputValue()).toBe('0.2');
    await page.getByRole('checkbox', { name: 'As the company' }).check();
    await page.getByLabel('Why', { exact: true }).fill('They agreed.');
    await page.getByRole('button', { name: 'Put into force' }).click();
    await page.getByText('Nothing is changed yet.').waitFor();
    expect((await policyOf(page)).document.teams).toBeUndefined();
  });

  it('is asked which model where a strategy wants one, and is told where figures may not be shown', async () => {
    const page = await pageOf('adam');
    await visit(page);
    await page.getByLabel('Strategy').selectOption('cheapest');
    expect(await dial(page).count()).toBe(0);
    await page.getByLabel('Strategy').selectOption('fixed');
    await page.getByText('Choose a model to see what would change.').waitFor();
    await page.getByLabel('Why', { exact: true }).fill('One for all.');
    await page.getByRole('button', { name: 'Put into force' }).click();
    expect(await page.getByLabel('Model', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Model', { exact: true }).selectOption('demo-large');
    await calculated(page);
    await page.getByText('As a table').click();
    const row = page.getByRole('table', { name: 'Who answers' }).getByRole('row').filter({ hasText: 'demo-large' });
    expect(await row.getByRole('cell').last().innerText()).toMatch(/^\d+%$/);
    await picture(page, 'routing-fixed');
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Nothing is changed yet.').waitFor();

    await visit(page, 'legal');
    await page.getByText('Figures of fewer than five people are not shown.').waitFor();
    await picture(page, 'routing-hidden');
  });

  it('overwrites nobody who changed the policy meanwhile', async () => {
    const [page, other] = await Promise.all([pageOf('adam'), pageOf('adam')]);
    await put(page, { ...original, dial: 0.5 });
    await visit(page);
    await dial(page).fill('0.7');
    await calculated(page);
    await page.getByLabel('Why', { exact: true }).fill('A little better.');
    await put(other, { ...original, dial: 0.5, max_output_tokens: 1500 });
    await page.getByRole('button', { name: 'Put into force' }).click();
    await page.getByRole('alert').getByText('The policy has changed meanwhile.').waitFor();
    await picture(page, 'routing-overtaken');
    expect(await flaws(page)).toEqual([]);
    expect((await policyOf(page)).document.dial).toBe(0.5);

    await page.getByRole('button', { name: 'Put into force' }).click();
    await page.getByText('Nothing is changed yet.').waitFor();
    expect((await policyOf(page)).document).toEqual({ ...original, dial: 0.7, max_output_tokens: 1500 });
  });
});

describe('the page', () => {
  it('stands in German, in the dark, on a phone', async () => {
    const page = await pageOf('adam', 'acme', { ...PHONE, locale: 'de-DE', colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(`${SERVER_URL}/admin/routing`);
    const slider = page.getByRole('slider', { name: 'Zwischen Kosten und Antwort' });
    await slider.fill('0.1');
    await page.locator('[aria-busy="false"]').getByRole('heading', { name: 'Wer antwortet' }).waitFor();
    await page.getByText(/Fragen gingen an ein anderes Modell/).first().waitFor();
    expect((await slider.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    expect(await overhang(page)).toBe(0);
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'routing-phone-top');
    await page.getByRole('heading', { name: 'Wer antwortet' }).scrollIntoViewIfNeeded();
    await picture(page, 'routing-phone-bars');
  });

  it.each([['dark', { colorScheme: 'dark' }], ['german', { locale: 'de-DE' }]] as const)('stands %s', async (look, options) => {
    const page = await pageOf('adam', 'acme', options);
    await page.goto(`${SERVER_URL}/admin/routing`);
    await page.getByRole('slider').fill('0.2');
    await page.locator('[aria-busy="false"]').getByText(/\d%|\d\s%/).first().waitFor();
    await picture(page, `routing-${look}`);
    expect(await overhang(page)).toBe(0);
    expect(await flaws(page)).toEqual([]);
  });

  it('does not exist for who may not change the policy', async () => {
    const page = await pageOf('cleo');
    await page.goto(`${SERVER_URL}/admin/routing`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});
