import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { answered, ask, pageOf, picture, SERVER_URL } from './support';

const PHONE = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };
const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark-german', { colorScheme: 'dark', locale: 'de-DE' }],
  ['phone-german', { locale: 'de-DE', ...PHONE }],
];
const PLACES: readonly (readonly [string, string, readonly string[]])[] = [
  ['erin', 'employee', ['/usage', '/settings', '/admin/budgets', '/admin/access']],
  ['adam', 'admin', ['/admin/budgets', '/admin/people', '/admin/people?tab=teams', '/admin/models', '/admin/access', '/admin/privacy', '/admin/routing']],
  ['cleo', 'officer', ['/compliance/trail', '/compliance/chain']],
];

/** What axe finds against WCAG 2.2 AA; nothing is right. */
const flaws = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run({ runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${String(target)}`));
  });
};

const visit = async (page: Page, path: string): Promise<void> => {
  await page.goto(SERVER_URL + path);
  await page.locator('main h1').waitFor();
  await page.locator('[class*="skeleton"]').first().waitFor({ state: 'detached' });
  await page.waitForLoadState('networkidle');
};

/** Wide things may scroll inside their frame; the page itself has the width of the window. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.each(PLACES)('for %s', (person, role, paths) => {
  it.each(LOOKS)('everything can be seen and used, %s', async (look, options) => {
    const page = await pageOf(person, 'acme', { ...options, reducedMotion: 'reduce' });
    const found: string[] = [];
    if (role === 'employee' && look === 'light') {
      await ask(page, 'Name three colours.');
      await answered(page);
      await ask(page, 'Write to my colleague Jane Miller, IBAN DE89 3704 0044 0532 0130 00.');
      await answered(page);
    }
    for (const path of paths) {
      await visit(page, path);
      // Some of the questions were private, not all: harmless ones are not counted. Other journeys of erin ask as well.
      if (path === '/usage' && look === 'light') {
        const told = await page.getByText(/Private details were found in \d+ of \d+ questions/).textContent();
        const [privately = 0, all = 0] = (told?.match(/\d+/g) ?? []).map(Number);
        expect(privately > 0 && privately < all, told ?? '').toBe(true);
      }
      await picture(page, `${role}${path.replace(/\W+/g, '-')}-${look}`);
      found.push(...(await flaws(page)).map((flaw) => `${path} ${flaw}`));
      if ((await overhang(page)) > 0) found.push(`${path} hangs over the edge`);
      if (look !== 'light') expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    }
    expect(found).toEqual([]);
  });
});

describe('who has no right to a page', () => {
  it('sees that there is no such page, and no way to it', async () => {
    const page = await pageOf('emil');
    expect(await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts()).toEqual(['Chat', 'My usage']);
    for (const path of ['/compliance/trail', '/admin/people', '/no-such-page']) {
      await page.goto(SERVER_URL + path);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    }
  });
});

describe('an administrator', () => {
  it('is told what is wrong beside its field, and loses nothing', async () => {
    const page = await pageOf('adam');
    await visit(page, '/admin/people');
    await page.getByRole('button', { name: 'New person' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Nora Neu');
    await page.getByRole('button', { name: 'Create' }).click();
    const email = page.getByLabel('E-mail', { exact: true });
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await email.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Nora Neu');
    await picture(page, 'admin-new-person');
    expect(await flaws(page)).toEqual([]);

    await email.fill('nora@acme.example');
    await page.getByRole('checkbox', { name: 'Legal', exact: true }).check();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('row', { name: /Nora Neu/ }).getByText('Legal').waitFor();
  });

  it('makes a team admin, and suspends and resumes a team', async () => {
    const page = await pageOf('adam');
    await visit(page, '/admin/people?tab=teams');
    await page.getByRole('button', { name: /^Interns/ }).click();
    await page.getByRole('button', { name: 'Make admin of Interns: Ivan Petrov' }).click();
    await page.getByRole('button', { name: 'Take admin away in Interns: Ivan Petrov' }).waitFor();
    await page.getByRole('combobox', { name: 'Add somebody to Interns' }).fill('dora');
    await page.getByRole('option', { name: /Dora Weiss/ }).click();
    await page.getByRole('button', { name: 'Remove from Interns: Dora Weiss' }).click();
    await page.getByRole('button', { name: 'Remove from Interns: Dora Weiss' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
  });

  it('sets, changes and removes a limit, and is told what follows', async () => {
    const page = await pageOf('adam');
    await visit(page, '/admin/budgets');
    await page.getByRole('button', { name: 'New limit' }).click();
    await page.getByLabel('Whom it limits').selectOption({ label: 'Engineering' });
    await page.getByLabel('How often').selectOption('day');
    await page.getByRole('button', { name: 'Create the limit' }).click();
    expect(await page.getByLabel('Limit in US dollars').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Limit in US dollars').fill('12.50');
    await page.getByText('When it is used up,').waitFor();
    await page.getByRole('button', { name: 'Create the limit' }).click();
    await page.getByRole('button', { name: 'Change the limit: Engineering, a day' }).click();
    await page.getByLabel('Limit in US dollars').fill('0');
    await picture(page, 'admin-change-limit');
    await page.getByRole('button', { name: 'Set the limit' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove the limit: Engineering, a day' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove the limit: Engineering, a day' }).waitFor({ state: 'detached' });
  });
});

describe('anybody', () => {
  it('gets the value of a key once, and can revoke it', async () => {
    const page = await pageOf('emil');
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    const value = await page.locator('dialog code').innerText();
    expect(value).toMatch(/^or-/);
    await picture(page, 'settings-new-key');
    expect(await flaws(page)).toEqual([]);
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Revoke “laptop”' }).waitFor();
    expect(await page.content()).not.toContain(value);
    await page.getByRole('button', { name: 'Revoke “laptop”' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
    expect((await fetch(`${SERVER_URL}/api/v1/me/`, { headers: { authorization: `Bearer ${value}` } })).status).toBe(401);
  });

  it('goes from page to page on a phone by the bar at the bottom', async () => {
    const page = await pageOf('emil', 'acme', PHONE);
    await visit(page, '/settings');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'My usage' }).click();
    await page.getByRole('heading', { name: 'My usage' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await picture(page, 'phone-usage-empty');
  });
});

describe('a compliance officer', () => {
  it('reaches the account in a low window', async () => {
    const page = await pageOf('cleo', 'acme', { viewport: { width: 1280, height: 560 } });
    await visit(page, '/compliance/exceptions');
    const bar = page.getByRole('navigation', { name: 'Main' });
    await bar.getByRole('button').last().click();
    await picture(page, 'low-officer');
    // Nothing may cut the menu off: what stands at its middle is the menu itself.
    const isThere = await bar.getByText('cleo@acme.example').evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2) === element;
    });
    expect(isThere).toBe(true);
    await bar.getByRole('link', { name: 'Exceptions' }).first().scrollIntoViewIfNeeded();
  });

  it('reaches every area and the account on a phone', async () => {
    const page = await pageOf('cleo', 'acme', { ...PHONE, locale: 'de-DE' });
    await visit(page, '/compliance/exceptions');
    const bar = page.getByRole('navigation').last();
    const account = bar.getByRole('button').last();
    for (const control of [...(await bar.getByRole('link').all()), account]) {
      await control.scrollIntoViewIfNeeded();
      const box = await control.boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= 375).toBe(true);
    }
    const last = await bar.getByRole('link').last().boundingBox();
    const own = await account.boundingBox();
    await bar.locator('div').first().evaluate((element) => element.scrollTo({ left: 10_000 }));
    expect(last && own).toBeTruthy();
    expect((await bar.getByRole('link').last().boundingBox())?.x).toBeLessThan(own?.x ?? 0);
    await account.click();
    const menu = await bar.getByText('cleo@acme.example').boundingBox();
    expect(menu && menu.x >= 0 && menu.x + menu.width <= 375).toBe(true);
    await picture(page, 'phone-officer');
  });

  it('filters the trail in the address, walks with keys, and reads an entry', async () => {
    const page = await pageOf('cleo');
    await visit(page, '/compliance/trail');
    await page.getByRole('search').getByLabel('Event').selectOption('session.');
    await page.waitForURL(/kind=session\./);
    await page.getByRole('row', { name: /Signed in/ }).first().waitFor();
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    const detail = page.getByRole('region', { name: /^Entry/ });
    await detail.getByText('Hash before').waitFor();
    await picture(page, 'officer-trail-entry');
    expect(await flaws(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.closest('tr') !== null)).toBe(true);
  });

  it('has the chain verified', async () => {
    const page = await pageOf('cleo');
    await visit(page, '/compliance/chain');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/entries, unbroken/).first().waitFor();
    await page.getByText('Chain verified.').waitFor();
    await picture(page, 'officer-chain-verified');
    await page.route('**/api/v1/audit/status/', (route) =>
      route.fulfill({ json: {
        entries: 731_010, hash: 'ab'.repeat(32), checkpoint_seq: 731_000, checkpoint_at: '2026-11-24T01:10:00Z',
        verified_at: '2026-11-25T01:10:00Z', intact: false, first_problem: 'entry 731004', key_id: 'k1', public_key: 'cd'.repeat(32),
      } }));
    for (const path of ['/compliance/trail', '/compliance/chain']) {
      await visit(page, path);
      await page.getByRole('alert').getByText('The chain is broken at entry 731,004.').waitFor();
    }
    await picture(page, 'officer-chain-broken');
    expect(await flaws(page)).toEqual([]);
  });
});
