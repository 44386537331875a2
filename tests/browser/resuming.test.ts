import { describe, expect, it } from 'vitest';

import { answered, ask, inMidStream, isWhole, LONG, pageOf, picture, stored } from './support';

describe('a reload in mid-stream', () => {
  it('goes on where the text is, without a lost or doubled word', async () => {
    const page = await pageOf('emil');
    await ask(page, LONG);
    await inMidStream(page);
    await page.reload();
    await inMidStream(page, 5);
    await picture(page, 'reloaded');

    await answered(page);
    await isWhole(page);
  });
});

describe('a broken connection', () => {
  it('is opened again, and nothing is lost', async () => {
    const page = await pageOf('emil');
    const cuts: (() => Promise<void>)[] = [];
    await page.routeWebSocket('**/ws/v1/chat', (socket) => {
      socket.connectToServer();
      cuts.push(() => socket.close({ code: 1011 }));
    });
    await page.reload();
    await page.locator('textarea').waitFor();
    await ask(page, LONG);
    await inMidStream(page);
    for (const cut of cuts) await cut();
    await page.waitForFunction(() => document.querySelector('article[aria-busy="true"]') !== null);

    await answered(page);
    expect(cuts).toHaveLength(2);
    await isWhole(page);
  });

  it('that lasts is told, and what was asked meanwhile is sent when it is back', async () => {
    const page = await pageOf('emil');
    let isAway = false;
    await page.routeWebSocket('**/ws/v1/chat', (socket) => {
      if (isAway) void socket.close({ code: 1011 });
      else socket.connectToServer();
      cut = () => socket.close({ code: 1011 });
    });
    let cut = (): Promise<void> => Promise.resolve();
    await page.reload();
    await page.locator('textarea').waitFor();
    await page.waitForTimeout(500);
    isAway = true;
    await cut();
    await ask(page, 'Which colour has the sky?');
    await page.getByText('No connection.').waitFor();
    await page.getByText('Will be sent when the connection is back').waitFor();
    await picture(page, 'offline');

    isAway = false;
    await page.getByText('Nothing was lost.').waitFor({ timeout: 20_000 });

    await answered(page);
    expect((await stored(page)).map(({ role }) => role)).toEqual(['user', 'assistant']);
  });
});

describe('a second tab', () => {
  it('is in step with the first', async () => {
    const first = await pageOf('emil');
    await ask(first, 'Name two rivers.');
    await answered(first);
    const second = await first.context().newPage();
    await second.goto(first.url());
    await second.getByRole('article').waitFor();

    await ask(first, LONG);
    await second.getByText(LONG).last().waitFor();
    await inMidStream(second);
    await Promise.all([answered(first), answered(second)]);

    await Promise.all([isWhole(first), isWhole(second)]);
    expect(await second.getByRole('article').count()).toBe(2);
  });

  it('that opens in mid-stream shows the answer from its beginning', async () => {
    const first = await pageOf('emil');
    await ask(first, LONG);
    await inMidStream(first);
    const second = await first.context().newPage();
    await second.goto(first.url());

    await answered(second);
    await isWhole(second);
  });
});
