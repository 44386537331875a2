import { describe, expect, it } from 'vitest';

import { SERVER_URL, pageOf, signIn, stranger } from './support';

describe('a session', () => {
  it('that is missing leads to the sign-in page', async () => {
    const page = await (await stranger()).newPage();
    await page.goto(SERVER_URL);

    expect(page.url()).toContain('/accounts/');
  });

  it('ends with "Sign out"', async () => {
    const page = await (await stranger()).newPage();
    await signIn(page, 'dana');
    await page.locator('textarea').fill('a draft that nobody else may find');
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();

    await page.waitForURL('**/accounts/acme/login/');
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('nobody else');
    await signIn(page, 'lena'); // dana would find it again if it had reached the server: drafts follow their author
    expect(await page.locator('textarea').inputValue()).toBe('');
  });

  it('that ends elsewhere ends here too, and the draft waits', async () => {
    const context = await stranger();
    const page = await context.newPage();
    await signIn(page, 'dana');
    await page.locator('textarea').fill('unfinished');
    await page.waitForTimeout(1_000);
    const other = await context.newPage();
    await other.goto(SERVER_URL);
    await other.getByRole('button', { name: /^Account/ }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();

    await page.waitForURL('**/accounts/acme/login/?next=%2F', { timeout: 10_000 });
    await signIn(page, 'dana');
    expect(await page.locator('textarea').inputValue()).toBe('unfinished');
  });
});

describe('the page', () => {
  it('runs under a policy without inline scripts and styles', async () => {
    const page = await pageOf('erin');
    const reply = await page.goto(SERVER_URL);
    const policy = reply?.headers()['content-security-policy'] ?? '';

    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(await page.locator('style, script:not([src])').count()).toBe(0);
  });
});
