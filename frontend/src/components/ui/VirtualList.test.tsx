import { act, fireEvent, render } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { givenBrowser } from '@/testing/page';

import { VirtualList } from './VirtualList';

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);
const SECTIONS = [
  { key: 'a', heading: 'First', items: numbers(0, 100) },
  { key: 'b', heading: 'Second', items: numbers(100, 9_900) },
];

const show = (onEnd = vi.fn()) => {
  const page = render(
    <VirtualList
      sections={SECTIONS}
      keyOf={String}
      rowHeight={35}
      headingHeight={32}
      current={null}
      onEnd={onEnd}
      className="scroller"
      renderRow={(row, isActive) => <a href={`/${row}`} data-row tabIndex={isActive ? 0 : -1}>{`row ${row}`}</a>}
    />,
  );
  const scroller = page.container.querySelector<HTMLElement>('.scroller');
  if (!scroller) throw new Error('There is no scroller.');
  const scrollTo = (top: number) => act(async () => {
    scroller.scrollTop = top;
    fireEvent.scroll(scroller);
    await Promise.resolve();
  });
  return { ...page, scroller, scrollTo, onEnd };
};

describe('a virtual list', () => {
  beforeEach(() => givenBrowser(900));

  it('has at most 60 of 10,000 rows in the page, at its beginning, in its middle and at its end', async () => {
    const { container, scrollTo } = show();
    const counts = [];
    for (const top of [0, 150_000, 349_000]) {
      await scrollTo(top);
      counts.push(container.querySelectorAll('li').length);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(60);
    expect(Math.min(...counts)).toBeGreaterThan(20);
  });

  it('says of each row which of how many it is, under a heading that stays in the page', async () => {
    const { getAllByText, getAllByRole, scrollTo } = show();
    await scrollTo(150_000);
    const row = getAllByText(/^row 4[23]\d\d$/)[10];
    const item = row?.closest('li');
    const number = Number(row?.textContent.slice(4));

    expect(item?.getAttribute('aria-setsize')).toBe('9900');
    expect(item?.getAttribute('aria-posinset')).toBe(String(number - 100 + 1));
    expect(getAllByRole('heading').map((heading) => heading.textContent)).toContain('Second');
    const group = item?.closest('[role="group"]');
    const label = group?.getAttribute('aria-labelledby');
    expect(label && document.getElementById(label)?.textContent).toBe('Second');
  });

  it('is one stop for Tab, and arrows move within it', async () => {
    const { container, getByText } = show();
    expect([...container.querySelectorAll('[tabindex="0"]')].map((row) => row.textContent)).toEqual(['row 0']);

    act(() => getByText('row 0').focus());
    await act(async () => {
      fireEvent.keyDown(getByText('row 0'), { key: 'ArrowDown' });
      await Promise.resolve();
    });
    expect(document.activeElement?.textContent).toBe('row 1');
    await act(async () => {
      fireEvent.keyDown(getByText('row 1'), { key: 'End' });
      await Promise.resolve();
    });
    expect(document.activeElement?.textContent).toBe('row 9999');
  });

  it('keeps the focused row in the page while it is scrolled away', async () => {
    const { getByText, scrollTo } = show();
    act(() => getByText('row 3').focus());
    await scrollTo(200_000);

    expect(document.activeElement?.textContent).toBe('row 3');
  });

  it('asks for more near its end only', async () => {
    const { onEnd, scrollTo } = show();
    expect(onEnd).not.toHaveBeenCalled();
    await scrollTo(349_500);
    expect(onEnd).toHaveBeenCalled();
  });
});
