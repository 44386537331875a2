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
    await page.getByText('patterns + names-v1').waitFor();

    expect(await page.getByText('NATIONAL_ID').isVisible()).toBe(true);
    expect(await page.getByText(/Germany/).isVisible()).toBe(true);
  });
});
