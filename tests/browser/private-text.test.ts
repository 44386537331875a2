import { describe, expect, it } from 'vitest';

import { flaws, pageOf, picture, SERVER_URL } from './support';

const IBAN = 'DE89 3704 0044 0532 0130 00';

describe('the page about private text', () => {
  it('says what is found in a text, by what, and what would follow', async () => {
    const page = await pageOf('adam');
    await page.goto(`${SERVER_URL}/admin/privacy`);
    await page.getByLabel('Text', { exact: true }).fill(`🙂 Maria Keller paid from ${IBAN}.`);
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.locator('b', { hasText: 'This text would stay inside.' }).waitFor();
    await picture(page, 'playground');

    expect(await page.locator('mark').allInnerTexts()).toEqual(['Maria Keller', IBAN]);
    const found = page.getByRole('table', { name: 'What was found' });
    expect(await found.getByRole('row').filter({ hasText: 'IBAN_CODE' }).innerText()).toMatch(/iban[\s\S]*counts/);
    expect(await flaws(page)).toEqual([]);
  });

  it('lists what the detector covers', async () => {
    const page = await pageOf('adam');
    await page.goto(`${SERVER_URL}/admin/privacy`);
    await page.getByRole('tab', { name: 'What can be found' }).click();
    await page.getByText('patterns + names-v1').waitFor();

    expect(await page.getByText('NATIONAL_ID').isVisible()).toBe(true);
    expect(await page.getByText(/Germany/).isVisible()).toBe(true);
  });

  it('changes what counts, with two people', async () => {
    const [adam, cleo] = await Promise.all([pageOf('adam'), pageOf('cleo')]);
    await adam.goto(`${SERVER_URL}/admin/privacy?tab=rules`);
    await adam.getByText('Nothing is changed yet.').waitFor();
    await adam.getByLabel('For whom').selectOption({ label: 'Comparison' });
    await adam.getByLabel('Begin with').selectOption({ label: 'Source code' });
    expect(await adam.getByLabel('Names of people').inputValue()).toBe('off');
    await adam.getByLabel('Texts that never count').fill('+49 30 1234');
    await adam.getByLabel('Why').fill('Comparisons are about programs.');
    await picture(adam, 'rules');
    expect(await flaws(adam)).toEqual([]);
    await adam.getByRole('button', { name: 'Propose', exact: true }).click();
    await adam.getByText('Somebody else must confirm what you proposed.').waitFor();

    await cleo.goto(`${SERVER_URL}/admin/privacy?tab=rules`);
    await cleo.getByText('Adam Admin has proposed a change').waitFor();
    await cleo.getByText('Comparison: Names of people: do not count').waitFor();
    await picture(cleo, 'proposal');
    expect(await flaws(cleo)).toEqual([]);
    await cleo.getByRole('button', { name: 'Confirm' }).click();
    await cleo.getByText('Adam Admin has proposed a change').waitFor({ state: 'detached' });
    await cleo.getByLabel('For whom').selectOption({ label: 'Comparison (its own rules)' });

    expect(await cleo.getByLabel('Begin with').inputValue()).toBe('source_code');
    expect(await cleo.getByLabel('Texts that never count').inputValue()).toBe('+49 30 1234');
  });
});
