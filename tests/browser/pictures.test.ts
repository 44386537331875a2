import { describe, it } from 'vitest';

import { answered, ask, pageOf, PHONE, picture, SERVER_URL, signIn, stranger } from './support';

/** The pictures of the README, made by pictures.sh; the other journeys go without them. */
describe.runIf(process.env.PICTURES)('the pictures of the README', () => {
  it('show a chat with an answer and its record', async () => {
    const page = await pageOf('erin', 'acme', { viewport: { width: 1200, height: 680 } });
    for (const question of ['Draft an agenda for the project meeting on Thursday.', 'Explain the difference between TCP and UDP.']) {
      await page.goto(SERVER_URL);
      await ask(page, question);
      await answered(page);
    }
    await page.goto(SERVER_URL);
    await ask(page, 'Write a Python function that tells whether a word is a palindrome.');
    await answered(page);
    await page.getByRole('button', { name: 'Why' }).last().click();
    await page.getByText('Set aside before sending').waitFor();
    await picture(page, 'chat');
  });

  it('show the hint on private text, and what would change it', async () => {
    const page = await pageOf('lena', 'acme', { viewport: { width: 1280, height: 800 } });
    await page.locator('textarea').fill('Write a reminder to Mrs Lindqvist: the rent for May is missing, she pays from DE89 3704 0044 0532 0130 00.');
    await page.locator('form').getByText('This question will stay inside').waitFor();
    await picture(page, 'hint');
  });

  it('show a phone in German and in the dark', async () => {
    const page = await pageOf('lena', 'acme', { ...PHONE, deviceScaleFactor: 1.5, locale: 'de-DE', colorScheme: 'dark' });
    await ask(page, 'Schreibe eine Erinnerung an anna.lindqvist@example.org, sie zahlt von DE89 3704 0044 0532 0130 00.');
    await answered(page);
    await picture(page, 'phone');
  });

  it('show the trail', async () => {
    const page = await (await stranger({ viewport: { width: 1280, height: 800 } })).newPage();
    await signIn(page, 'cleo');
    await page.goto(`${SERVER_URL}/compliance/trail`);
    await page.locator('main tbody tr').first().waitFor();
    await picture(page, 'trail');
  });
});
