import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';

import { givenBrowser, givenServer, showPage } from '@/testing/page';

import { WaitingCount } from './WaitingCount';

const show = async (waiting: number) => {
  const asked = givenServer({ 'GET /api/v1/exceptions/': () => ({ results: Array<object>(waiting).fill({}) }) });
  await showPage(<><WaitingCount /><p>Around it</p></>);
  await screen.findByText('Around it');
  return asked;
};

describe('the count of waiting exceptions', () => {
  beforeEach(givenBrowser);

  it('says how many wait, also to those who do not see it', async () => {
    await show(3);

    expect((await screen.findByText('exceptions wait')).parentElement?.textContent).toBe('3 exceptions wait');
  });

  it('is not there while none waits', async () => {
    await show(0);

    expect(document.body.textContent).toContain('Around it');
    expect(screen.queryByText(/wait/)).toBeNull();
  });
});
