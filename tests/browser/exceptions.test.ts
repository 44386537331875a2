import { execFileSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { answered, ask, aWord, flaws, lastAnswer, pageOf, picture, SERVER_URL, stored } from './support';

/** Do once what a Celery worker does: the labels of stored messages follow a decision in a job. */
const runJobs = (): void => {
  const program = 'import django; django.setup(); from apps.core.tasks import run_due_jobs; run_due_jobs()';
  execFileSync('../.venv/bin/python', ['-c', program], { cwd: `${import.meta.dirname}/../../frontend`, env: { ...process.env, PYTHONPATH: '..' } });
};

describe('a question that was taken for private', () => {
  it('is declared not private by compliance, goes outside from then on, and is private again when that ends', async () => {
    const [erin, cleo] = await Promise.all([pageOf('erin'), pageOf('cleo')]);
    const word = aWord();
    await ask(erin, `Is DE89 3704 0044 0532 0130 00 the example of the standard ${word}?`);
    await answered(erin);
    expect((await stored(erin)).at(-1)).toMatchObject({ hosting: 'self_hosted' });

    await erin.getByRole('button', { name: 'Not private?' }).click();
    const dialog = erin.getByRole('dialog', { name: 'Is this question not private?' });
    await dialog.getByRole('button', { name: 'Ask compliance' }).click();
    const missing = dialog.getByText('Say why, so that somebody else can decide.');
    await missing.waitFor();
    await dialog.getByLabel('Why is it not private?').fill(`The example of ISO 13616 (${word}).`);
    await missing.waitFor({ state: 'detached' });
    expect(await flaws(erin)).toEqual([]);
    await picture(erin, 'exception-asked');
    await dialog.getByRole('button', { name: 'Ask compliance' }).click();
    await erin.locator('p', { hasText: 'Compliance was asked.' }).waitFor();

    await cleo.goto(`${SERVER_URL}/compliance/exceptions`);
    const waiting = cleo.getByRole('row').filter({ hasText: word });
    expect(await waiting.innerText()).toContain('bank account');
    const counted = cleo.getByRole('link', { name: 'Exceptions 1 exception waits' });
    await counted.waitFor();
    expect(await cleo.getByRole('main').innerText()).not.toContain('0532');
    await picture(cleo, 'exceptions');
    expect(await flaws(cleo)).toEqual([]);
    await waiting.getByRole('button', { name: 'Read and decide' }).click();
    const decision = cleo.getByRole('dialog', { name: 'A question of Erin Lead' });
    await decision.getByText('0532').waitFor();
    await decision.getByLabel('Your reason').fill('It is published.');
    expect(await flaws(cleo)).toEqual([]);
    await picture(cleo, 'exception-decided');
    await decision.getByRole('button', { name: 'Declare not private' }).click();
    await decision.waitFor({ state: 'detached' });
    await counted.waitFor({ state: 'detached' });

    runJobs();
    await erin.getByText('Declared not private', { exact: true }).waitFor();
    await ask(erin, 'And why is it one?');
    await answered(erin);
    expect((await stored(erin)).at(-1)).toMatchObject({ hosting: 'commercial' });
    await lastAnswer(erin).locator('header').first().waitFor();
    await erin.getByRole('button', { name: 'By whom?' }).click();
    await erin.getByText('It is published.').waitFor();
    await erin.getByText(/Read by Cleo/).waitFor();
    await picture(erin, 'exception-granted');
    await erin.keyboard.press('Escape');

    await cleo.getByRole('tab', { name: 'In force' }).click();
    await cleo.getByRole('row').filter({ hasText: word }).getByRole('button', { name: 'End now' }).click();
    await cleo.locator('p', { hasText: 'Ended. The question is private again.' }).waitFor();
    runJobs();
    await erin.getByText('Declared not private', { exact: true }).waitFor({ state: 'detached' });
    await ask(erin, 'Once more, shorter.');
    await answered(erin);
    expect((await stored(erin)).at(-1)).toMatchObject({ hosting: 'self_hosted' });
  });
});
