import { execFile, execFileSync } from 'node:child_process';

import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { aWord, flaws, pageOf, PHONE, picture, SERVER_URL, tabTo } from './support';

const WORKER = [
  ['-c', 'import django; django.setup(); from apps.core.tasks import run_due_jobs; run_due_jobs()'],
  { cwd: `${import.meta.dirname}/../../frontend`, env: { ...process.env, PYTHONPATH: '..' } },
] as const;
const PYTHON = '../.venv/bin/python';

/** Do once what a Celery worker does, while the page is looked at. */
const working = (): Promise<void> =>
  new Promise((done, failed) => {
    execFile(PYTHON, ...WORKER, (error) => (error ? failed(error as Error) : done()));
  });
const work = (): void => void execFileSync(PYTHON, ...WORKER);

/** An alarm as canaries raise it: they need weeks of runs, and a journey has minutes. */
const ALARM = `
import django; django.setup()
from apps.core import clock
from apps.core.tenancy import all_tenants, use_tenant
from apps.domain.ids import new_id
from apps.lab.models import DriftAlarm, Run
with all_tenants():
    run = Run.objects.filter(state="completed").latest("created_at")
with use_tenant(run.tenant_id):
    DriftAlarm.objects.create(
        id=new_id(), tenant_id=run.tenant_id, run=run, model="demo-small", asked=60, failed=14, expected=2.4, chance=0.0004,
        raised_at=clock.now(),
    )
`;

const question = (number: number, check: object, task = 'factual_qa'): string =>
  JSON.stringify({ id: `q-${number}`, task, domain: 'general', prompt: `In one word: what is the capital of country ${number}?`, check });
/** The demo models know no capitals: a pattern that fits everything is met by each of them, a word by none. */
const RIGHT = [
  question(1, { kind: 'regex', pattern: '.' }), question(2, { kind: 'regex', pattern: '\\w' }, 'reasoning'),
  question(3, { kind: 'exact', answers: ['Paris', 'Paris, France'] }), question(4, { kind: 'numeric', value: 38, tolerance: 0.5 }, 'math'),
  question(5, { kind: 'regex', pattern: '\\s' }), question(6, { kind: 'regex', pattern: '[a-z]' }, 'math'),
];
const WRONG = [RIGHT[0], '{"id": "q-2", "task": "guessing"}', RIGHT[2], 'no JSON at all'];

const file = (name: string, lines: readonly (string | undefined)[]) =>
  ({ name, mimeType: 'application/x-ndjson', buffer: Buffer.from(lines.join('\n')) });

const dialogOf = (page: Page, name: string): Locator => page.getByRole('dialog', { name });

/** Upload a suite under a name that no other journey uses. */
const upload = async (page: Page, name: string): Promise<void> => {
  await page.goto(`${SERVER_URL}/admin/lab?tab=suites`);
  await page.getByRole('button', { name: 'Upload a suite' }).click();
  const dialog = dialogOf(page, 'Upload a suite');
  await dialog.getByLabel('File with the questions').setInputFiles(file(`${name}.jsonl`, RIGHT));
  await dialog.getByRole('button', { name: 'Check and store' }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
};

/** Start a run of the suite that is open. */
const start = async (page: Page, models: readonly string[]): Promise<void> => {
  await page.getByRole('button', { name: 'New run' }).click();
  const dialog = dialogOf(page, 'New run');
  for (const model of models) await dialog.getByLabel(model, { exact: true }).check();
  await dialog.getByLabel('Calls a minute at most').fill('600');
  await dialog.getByRole('button', { name: 'Start the run' }).click();
  await page.getByRole('progressbar', { name: 'Progress' }).waitFor();
};

describe('the lab', () => {
  it('names the wrong lines of a suite, stores the right ones, runs them and shows every answer', async () => {
    const page = await pageOf('adam');
    const name = aWord();
    await page.getByRole('link', { name: 'Lab', exact: true }).click();
    await page.getByRole('tab', { name: 'Suites' }).click();
    await page.getByRole('row').filter({ hasText: 'Comes with OpenRoute' }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-suites');

    await page.getByRole('button', { name: 'Upload a suite' }).click();
    const dialog = dialogOf(page, 'Upload a suite');
    await dialog.getByRole('button', { name: 'Check and store' }).click();
    await dialog.getByText('Choose a file.').waitFor();
    await dialog.getByLabel('File with the questions').setInputFiles(file(`${name}.jsonl`, WRONG));
    await dialog.getByRole('button', { name: 'Check and store' }).click();
    await dialog.getByText('2 lines are wrong. Nothing was stored.').waitFor();
    const second = dialog.getByRole('row').filter({ hasText: 'guessing' });
    expect(await second.innerText()).toMatch(/^2\s.*`task` must be one of/s);
    expect(await dialog.getByRole('row').filter({ hasText: 'no JSON at all' }).innerText()).toContain('The line is not JSON.');
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-upload-wrong');
    await dialog.getByLabel('File with the questions').setInputFiles(file(`${name}.jsonl`, RIGHT));
    await dialog.getByRole('button', { name: 'Check and store' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('heading', { name: '6 questions, version 1' }).waitFor();
    await page.getByRole('button', { name: 'Question q-3' }).click();
    await dialogOf(page, 'Question q-3').getByText('Paris, France').waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-question');
    await page.keyboard.press('Escape');
    await picture(page, 'lab-suite');

    await page.getByRole('button', { name: 'New run' }).click();
    const form = dialogOf(page, 'New run');
    await form.getByRole('button', { name: 'Start the run' }).click();
    await form.getByText('Choose at least one model.').waitFor();
    await form.getByLabel('demo-small', { exact: true }).check();
    await form.getByLabel('demo-local', { exact: true }).check();
    await form.getByText('6 questions to 2 models: 12 answers.').waitFor();
    await form.getByText('No run has asked demo-small or demo-local lately, so all that is known is that it costs $5.00 at most.').waitFor();
    await form.getByLabel('Calls a minute at most').fill('600');
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-new-run');
    await form.getByRole('button', { name: 'Start the run' }).click();
    await page.getByText('It begins as soon as a worker is free.').waitFor();
    await page.getByText(/^0 of 12 answers, .* of \$5\.00$/).waitFor();

    const worked = working();
    await page.getByText(/^[1-9]\d? of 12 answers, .* left$/).waitFor({ timeout: 60_000 });
    await picture(page, 'lab-running');
    await worked;
    while ((await page.getByText('Completed', { exact: true }).count()) === 0) await working();
    await page.getByText(/^12 of 12 answers, /).waitFor();
    const line = page.getByRole('table', { name: 'What it says of each model' }).getByRole('row').filter({ hasText: 'demo-small' });
    expect(await line.innerText()).toMatch(/67\s+30 to 90\s+6\s+0\s/);
    await page.getByText('No clear difference between demo-local and demo-small.').waitFor();
    await page.getByLabel('Over which task').selectOption('math');
    expect(await line.innerText()).toMatch(/50\s/);
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-results');

    await page.getByRole('tab', { name: 'Answers' }).click();
    await page.getByText('12 answers', { exact: true }).waitFor();
    await page.getByLabel('Which answers').selectOption('wrong');
    await page.getByText('4 answers', { exact: true }).waitFor();
    await page.getByLabel('Model').selectOption('demo-small');
    await page.getByText('2 answers', { exact: true }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-answers');
    await page.getByRole('button', { name: 'Answer of demo-small to q-3' }).click();
    const answer = dialogOf(page, 'Answer of demo-small to q-3');
    await answer.getByText('Neither the answer nor its last line is one of them.').waitFor();
    await answer.getByText('Paris, France').waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-answer');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Answer of demo-small to q-3');
  });

  it('stops a run, pauses one whose budget is used up, and goes on with it', async () => {
    const page = await pageOf('adam');
    await page.goto(`${SERVER_URL}/admin/lab?suite=general`);
    await start(page, ['demo-small']);
    await page.getByText('0 of 340 answers').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await dialogOf(page, 'Stop this run?').getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The run was stopped.').first().waitFor();
    await page.getByText('Stopped', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Stop', exact: true }).count()).toBe(0);

    await upload(page, aWord());
    await page.getByRole('button', { name: 'New run' }).click();
    const form = dialogOf(page, 'New run');
    await form.getByLabel('demo-small', { exact: true }).check();
    await form.getByText(/By recent runs it costs about .*, and \$5\.00 at most\./).waitFor();
    await form.getByLabel('demo-small', { exact: true }).uncheck();
    await form.getByLabel('demo-large', { exact: true }).check();
    await form.getByLabel('Budget in dollars').fill('no');
    await form.getByRole('button', { name: 'Start the run' }).click();
    await form.getByText('An amount such as 5 or 2.50.').waitFor();
    await form.getByLabel('Budget in dollars').fill('0.00001');
    await form.getByRole('button', { name: 'Start the run' }).click();
    await page.getByText('It begins as soon as a worker is free.').waitFor();
    work();
    await page.getByText('Paused', { exact: true }).first().waitFor();
    await page.getByText('of the run’s budget are left. Go on with a larger budget.').waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-paused');
    await page.getByRole('button', { name: 'Go on' }).click();
    const more = dialogOf(page, 'Go on with this run');
    await more.getByLabel('Budget in dollars').fill('1');
    expect(await flaws(page)).toEqual([]);
    await more.getByRole('button', { name: 'Go on' }).click();
    await page.getByText(/^0 of 6 answers, .* of \$1\.00$/).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await dialogOf(page, 'Stop this run?').getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.getByRole('table', { name: 'Runs' }).waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-runs');
  });

  it('sets the schedule, by keys alone', async () => {
    const page = await pageOf('adam');
    await page.goto(`${SERVER_URL}/admin/lab?tab=schedule`);
    await page.getByText('No model has silently changed.').waitFor();
    await page.getByText('Off', { exact: true }).waitFor();
    await page.getByRole('tab', { name: 'Schedule' }).focus();
    await tabTo(page, /^$|Ask canaries/);
    await page.keyboard.press('Space');
    await page.getByLabel('Every how many days').fill('0');
    await page.keyboard.press('Enter');
    await page.getByText('A whole number from 1 to 90.').waitFor();
    await page.getByLabel('Every how many days').fill('14');
    await page.keyboard.press('Enter');
    await page.getByText('The schedule is saved.').first().waitFor();
    await page.getByText(/^(Next run: .*|The next run begins in a moment\.)$/).waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-schedule');
    await page.reload();
    expect(await page.getByLabel('Every how many days').inputValue()).toBe('14');
    await page.getByLabel('Ask canaries by the schedule').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Off', { exact: true }).waitFor();
  });

  it('shows a model that has changed, with its wrong answers, until that is known', async () => {
    execFileSync(PYTHON, ['-c', ALARM], WORKER[1]);
    const page = await pageOf('adam');
    await page.goto(`${SERVER_URL}/admin/lab?tab=schedule`);
    const alarm = page.getByRole('row').filter({ hasText: 'demo-small' });
    await alarm.getByText('14 of 60 failed, 2.4 were to be expected').waitFor();
    await alarm.getByText('Unchanged it would do as badly less than once in 2,500 runs.').waitFor();
    expect(await flaws(page)).toEqual([]);
    await picture(page, 'lab-alarm');
    await alarm.getByRole('link', { name: 'Look at the answers' }).click();
    await page.getByText('2 answers', { exact: true }).waitFor();
    await page.goBack();
    await alarm.getByRole('button', { name: 'I know of it' }).click();
    await dialogOf(page, 'demo-small has changed').getByRole('button', { name: 'I know of it' }).click();
    await alarm.getByText('Known to Adam Admin').waitFor();
    expect(await alarm.getByRole('button').count()).toBe(0);
  });

  it.each([
    ['a phone in German and in the dark', 'phone', { ...PHONE, locale: 'de-DE', colorScheme: 'dark' }],
    ['a wide window in German and in the dark', 'dark', { locale: 'de-DE', colorScheme: 'dark' }],
  ] as const)('stands on %s', async (_, kind, options) => {
    const page = await pageOf('adam', 'acme', options);
    const stands = async (part: string): Promise<void> => {
      await picture(page, `lab-${kind}-${part}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), part).toBeLessThanOrEqual(0);
      expect(await flaws(page), part).toEqual([]);
    };
    await page.goto(`${SERVER_URL}/admin/lab`);
    await page.getByRole('table', { name: 'Läufe' }).waitFor();
    await stands('runs');
    await page.getByRole('row').filter({ hasText: 'Abgeschlossen' }).getByRole('link').first().click();
    await page.getByText(/^12 von 12 Antworten/).waitFor();
    await stands('results');
    await page.getByRole('tab', { name: 'Antworten' }).click();
    await page.getByRole('button', { name: 'Antwort von demo-small auf q-4' }).click();
    await page.getByRole('dialog').getByText('Die letzte Zahl der Antwort ist eine andere, oder es gibt keine.').waitFor();
    await stands('answer');
    await page.keyboard.press('Escape');
    await page.goto(`${SERVER_URL}/admin/lab?tab=suites`);
    await page.getByRole('button', { name: 'Fragensatz hochladen' }).click();
    await stands('upload');
    await page.goto(`${SERVER_URL}/admin/lab?tab=schedule`);
    await page.getByText('Bekannt: Adam Admin').waitFor();
    await stands('schedule');
  });
});
