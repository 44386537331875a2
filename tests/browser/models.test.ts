import { execFileSync } from 'node:child_process';

import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { flaws, focusName, pageOf, PHONE, picture, SERVER_URL, tabTo } from './support';

/** Two months of observations of three of the four models of globex, and an alarm about one of them. */
beforeAll(() => {
  const frontend = `${import.meta.dirname}/../../frontend`;
  execFileSync('../.venv/bin/python', ['../tests/browser/seed_profiles.py'], { cwd: frontend, env: { ...process.env, PYTHONPATH: '..' } });
});

const MATRIX = 'Quality of each model in each kind of question';

const visit = async (page: Page, path: string): Promise<void> => {
  await page.goto(SERVER_URL + path);
  await page.locator('main h1').waitFor();
  await page.waitForLoadState('networkidle');
};
const overhang = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const names = (page: Page): Promise<string[]> => page.locator('tbody a.mono').allInnerTexts();
const whole = async (page: Page, name: string): Promise<void> => {
  const height = await page.locator('main').evaluate((main) => main.scrollHeight);
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  await page.setViewportSize({ width: size.width, height: Math.max(size.height, height + 80) });
  await picture(page, name);
  await page.setViewportSize(size);
};
const number = async (place: Locator): Promise<number> => Number((await place.innerText()).match(/\d+/)?.[0]);

describe('an administrator looks at the models', () => {
  it('as dots with intervals, sorts them, and reads each dot with the keyboard', async () => {
    const gina = await pageOf('gina', 'globex', { reducedMotion: 'reduce' });
    await visit(gina, '/admin/models');
    const matrix = gina.getByRole('grid', { name: MATRIX });
    expect((await names(gina))[0]).toBe('demo-large');
    expect(await matrix.getByRole('columnheader').count()).toBe(19);
    await whole(gina, 'models-light');
    expect(await flaws(gina)).toEqual([]);
    expect(await overhang(gina)).toBe(0);

    // The model that nobody measured shows what is expected, and says so.
    const coder = matrix.getByRole('row').filter({ hasText: 'demo-coder' });
    expect(await coder.getByRole('gridcell').first().innerText()).toMatch(/is expected, .*Prior, no data/);
    expect(await matrix.getByRole('row').filter({ hasText: 'demo-large' }).getByRole('gridcell').first().innerText()).toMatch(/\d+ observations/);

    await matrix.getByRole('button', { name: 'Per answer' }).click();
    await gina.waitForURL(/sort=cost/);
    expect(await names(gina)).toEqual(['demo-local', 'demo-small', 'demo-large', 'demo-coder']);
    expect(await matrix.getByRole('columnheader', { name: 'Per answer' }).getAttribute('aria-sort')).toBe('ascending');
    await matrix.getByRole('button', { name: 'Per answer' }).click();
    await gina.waitForURL(/sort=-cost/);
    expect(await names(gina)).toEqual(['demo-large', 'demo-small', 'demo-local', 'demo-coder']);

    await tabTo(gina, 'demo-large');
    await tabTo(gina, /^\d*demo-large, Overall/);
    await gina.keyboard.press('ArrowRight');
    await gina.keyboard.press('ArrowDown');
    expect(await focusName(gina)).toMatch(/demo-small, Coding: good answer \d+ in 100, 90 % interval/);
    await gina.locator('p[aria-hidden]', { hasText: 'demo-small, Coding: good answer' }).waitFor();
    await picture(gina, 'models-focus');
  });

  it('as a table, which says the same', async () => {
    const gina = await pageOf('gina', 'globex', { reducedMotion: 'reduce' });
    await visit(gina, '/admin/models');
    await gina.getByRole('radio', { name: 'Table' }).check();
    await gina.waitForURL(/view=table/);
    const table = gina.getByRole('table', { name: MATRIX });
    expect(await table.getByRole('row').filter({ hasText: 'demo-coder' }).innerText()).toMatch(/\d+ \(\d+–\d+\), prior/);
    await whole(gina, 'models-table');
    expect(await flaws(gina)).toEqual([]);
    await gina.getByRole('tab', { name: 'Prices and teams' }).click();
    await gina.getByRole('columnheader', { name: 'Text in' }).waitFor();
    await picture(gina, 'models-prices');
    expect(await flaws(gina)).toEqual([]);
  });

  it('one by one, over time', async () => {
    const gina = await pageOf('gina', 'globex', { reducedMotion: 'reduce' });
    await visit(gina, '/admin/models');
    await gina.getByRole('grid').getByRole('link', { name: 'demo-small' }).click();
    await gina.getByRole('heading', { level: 1, name: 'demo-small' }).waitFor();
    await gina.getByText(/^Measured by \d+ observations, last on/).waitFor();
    await gina.getByRole('heading', { name: 'Judged quality per day' }).waitFor();
    expect(await gina.locator('[data-task]').count()).toBe(14);
    expect(await gina.locator('[data-task="translation"]').innerText()).toContain('prior, no data');
    expect(await gina.locator('figure [role="img"]').count()).toBe(5);
    await whole(gina, 'model-light');
    expect(await flaws(gina)).toEqual([]);

    const days = async (): Promise<number> => {
      const details = gina.locator('details', { hasText: 'As a table: Judged quality per day' });
      const rows = details.getByRole('row');
      if (!(await rows.first().isVisible())) await details.locator('summary').click();
      return rows.count();
    };
    const ninety = await days();
    await gina.getByRole('radio', { name: '30 days' }).check();
    await gina.waitForURL(/span=month/);
    await gina.waitForLoadState('networkidle');
    await gina.getByRole('heading', { name: 'Judged quality per day' }).waitFor();
    expect(await days()).toBeLessThan(ninety);
    await whole(gina, 'model-table');
    expect(await flaws(gina)).toEqual([]);
  });

  it('of which one was never measured, one may not be used any more, and one does not exist', async () => {
    const gina = await pageOf('gina', 'globex', { reducedMotion: 'reduce' });
    await visit(gina, '/admin/models/demo-coder');
    await gina.getByText('Nothing was measured yet.').waitFor();
    expect(await number(gina.locator('[data-task="coding"] b'))).toBeGreaterThan(await number(gina.locator('[data-task="math"] b')));
    await picture(gina, 'model-prior');
    expect(await flaws(gina)).toEqual([]);
    await visit(gina, '/admin/models/demo-writer');
    await gina.getByText('The company may not use this model any more.').waitFor();
    await gina.getByRole('heading', { name: 'Judged quality per day' }).waitFor();
    await picture(gina, 'model-gone');
    expect(await flaws(gina)).toEqual([]);
    await visit(gina, '/admin/models/nobodys%2Fmodel');
    await gina.getByText('There is no such model here').waitFor();
    expect(await flaws(gina)).toEqual([]);
  });

  it.each([
    ['dark-german', { colorScheme: 'dark', locale: 'de-DE' }],
    ['phone-german', { locale: 'de-DE', ...PHONE }],
  ] as const)('in another look: %s', async (look, options) => {
    const gina = await pageOf('gina', 'globex', { ...options, reducedMotion: 'reduce' });
    for (const [path, name] of [['/admin/models', 'models'], ['/admin/models?view=table', 'models-table'], ['/admin/models/demo-small', 'model']] as const) {
      await visit(gina, path);
      await gina.getByText('demo-small hat sich geändert.').waitFor();
      await whole(gina, `${name}-${look}`);
      expect(await flaws(gina)).toEqual([]);
      expect(await overhang(gina)).toBe(0);
    }
  });

  it('on a phone one kind of question at a time', async () => {
    const gina = await pageOf('gina', 'globex', { ...PHONE, reducedMotion: 'reduce' });
    await visit(gina, '/admin/models');
    await gina.getByLabel('Show and sort by').selectOption({ label: 'Coding' });
    await gina.waitForURL(/sort=-coding/);
    expect((await names(gina))[0]).toBe('demo-coder');
    expect(await gina.getByRole('row').filter({ hasText: 'demo-coder' }).innerText()).toMatch(/94\s+90 % interval 79 to 100, prior, no data/);
  });

  it('and says that a change was seen', async () => {
    const gina = await pageOf('gina', 'globex', { reducedMotion: 'reduce' });
    await visit(gina, '/admin/models');
    await gina.getByText(/it failed in 17 of 40 canary questions; 8.4 were to be expected/).waitFor();
    await gina.getByRole('button', { name: 'Seen: demo-small has changed' }).click();
    await gina.getByText('demo-small is learnt anew from now on.').first().waitFor();
    await gina.getByRole('button', { name: 'Seen: demo-small has changed' }).waitFor({ state: 'detached' });
    expect(await focusName(gina)).toBe('Models');
    await visit(gina, '/admin/models/demo-small');
    await gina.getByText(/seen by Gina Admin on/).waitFor();
  });
});

describe('who looks after money only', () => {
  it('sees prices, and no profiles', async () => {
    const erin = await pageOf('erin');
    await visit(erin, '/admin/models');
    await erin.getByRole('columnheader', { name: 'Text in' }).waitFor();
    expect(await erin.getByRole('tab').count()).toBe(0);
    await visit(erin, '/admin/models/demo-small').catch(() => undefined);
    await erin.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});
