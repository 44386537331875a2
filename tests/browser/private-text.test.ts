import { describe, expect, it } from 'vitest';

import { aWord, flaws, pageOf, picture, SERVER_URL } from './support';

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

  it('adds a company’s own terms, with two people, and finds them', async () => {
    const [adam, cleo] = await Promise.all([pageOf('adam'), pageOf('cleo')]);
    const term = `Kestrel ${aWord()}`;
    await adam.goto(`${SERVER_URL}/admin/privacy?tab=terms`);
    await adam.getByLabel('Terms of “projects”').waitFor();
    await picture(adam, 'terms');
    await adam.getByRole('button', { name: 'New list' }).click();
    await adam.getByLabel('Name of the list').fill('Code words');
    await adam.getByRole('button', { name: 'Add the list' }).click();
    const field = adam.getByLabel('Terms of “Code words”');
    await adam.getByRole('button', { name: 'Propose', exact: true }).click();
    await adam.getByText('There is no term in it.').waitFor();
    expect(await field.evaluate((area) => area === document.activeElement)).toBe(true);
    await picture(adam, 'terms-wrong');
    await field.fill(`${term}\n\n${term.toUpperCase()}\nX\n`);
    await adam.getByText('2 terms · left out: 1 blank line, 1 repeated term').waitFor();
    await adam.getByText('A single sign makes nearly every text private: “X”.').waitFor();
    await field.fill(`${term}\n`);
    const csv = Array.from({ length: 3000 }, (_, at) => `"Customer, ${at}";${at}`).join('\r\n');
    const picker = adam.locator('input[type=file]');
    await picker.setInputFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await adam.getByText('3,000 lines of customers.csv were added at the end.').waitFor();
    await picker.setInputFiles({ name: 'all.csv', mimeType: 'text/csv', buffer: Buffer.alloc(2_000_001, 'a') });
    await adam.getByText('all.csv is larger than 2 MB and was not read.').waitFor();
    await adam.getByLabel('Why').fill('The new project must not be known outside.');
    await adam.getByText('New list “Code words”: 3,001 terms.').waitFor();
    await picture(adam, 'terms-typed');
    expect(await flaws(adam)).toEqual([]);
    await adam.getByRole('button', { name: 'Propose', exact: true }).click();
    await adam.getByText('Somebody else must confirm what you proposed.').waitFor();

    await cleo.goto(`${SERVER_URL}/admin/privacy?tab=terms`);
    await cleo.getByText('New list “Code words”: 3,001 terms.').click();
    await cleo.getByText(term).waitFor();
    await picture(cleo, 'terms-proposal');
    expect(await flaws(cleo)).toEqual([]);
    await cleo.getByRole('button', { name: 'Confirm' }).click();
    await cleo.getByRole('row').filter({ hasText: 'Code words' }).getByText('3,001').waitFor();

    await cleo.getByRole('tab', { name: 'Try a text' }).click();
    await cleo.getByLabel('Text', { exact: true }).fill(`How is ${term} going?`);
    await cleo.getByRole('button', { name: 'Look at it' }).click();
    await cleo.locator('b', { hasText: 'This text would stay inside.' }).waitFor();
    expect(await cleo.locator('mark').allInnerTexts()).toEqual([term]);
    expect(await cleo.getByRole('table', { name: 'What was found' }).innerText()).toMatch(/company term/i);
    await picture(cleo, 'terms-found');
  });

  it('takes a list away and gives it back, in German and in the dark', async () => {
    const page = await pageOf('adam', 'acme', { locale: 'de-DE', colorScheme: 'dark' });
    await page.goto(`${SERVER_URL}/admin/privacy?tab=terms`);
    await page.getByRole('button', { name: 'projects' }).click();
    await page.getByRole('button', { name: 'Liste entfernen' }).click();
    await page.getByText('Liste „projects“ wird entfernt: 2 Begriffe.').click();
    await picture(page, 'terms-removed');
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'Behalten' }).click();

    const field = page.getByLabel('Begriffe in „projects“');
    expect(await field.inputValue()).toBe('Bluebird\nProject Falcon');
    await page.getByText('Noch ist nichts geändert.').waitFor();
    await field.evaluate((area: HTMLTextAreaElement) => {
      area.setSelectionRange(0, 0);
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'Zebra\t17\r\nOkapi\t18\r\n');
      area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await page.getByText('4 Begriffe', { exact: true }).waitFor();
  });
});
