import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { showToast } from '@/lib/toasts';
import { givenBrowser, showPage } from '@/testing/page';

beforeEach(() => givenBrowser());
afterEach(() => vi.useRealTimers());

const say = (run = vi.fn()) => {
  act(() => void showToast('It was deleted.', { action: { label: 'Undo', run }, heard: 'It was deleted. Press Control Z.' }));
  return run;
};

describe('a toast', () => {
  it('is shown, announced, and undoes once', async () => {
    await showPage(null);
    const run = say();
    expect(document.querySelector('[data-announcer="polite"]')?.textContent).toBe('It was deleted. Press Control Z.');
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(run).toHaveBeenCalledOnce();
    expect(screen.queryByText('It was deleted.')).toBeNull();
  });

  it('goes after eight seconds, but waits for the focus', async () => {
    await showPage(null);
    vi.useFakeTimers();
    say();
    act(() => void vi.advanceTimersByTime(7_000));
    act(() => screen.getByRole('button', { name: 'Undo' }).focus());
    act(() => void vi.advanceTimersByTime(20_000));
    expect(screen.queryByText('It was deleted.')).not.toBeNull();
    act(() => screen.getByRole('button', { name: 'Undo' }).blur());
    act(() => void vi.advanceTimersByTime(1_200));
    expect(screen.queryByText('It was deleted.')).toBeNull();
  });

  it('is reached by F8, undone by Control Z outside of fields, and closed by Escape', async () => {
    await showPage(<input aria-label="field" />);
    const run = say();
    fireEvent.keyDown(screen.getByLabelText('field'), { key: 'z', ctrlKey: true });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: 'F8' });
    expect(document.activeElement?.textContent).toBe('Undo');
    fireEvent.keyDown(document.body, { key: 'z', ctrlKey: true });
    expect(run).toHaveBeenCalledOnce();
    say(run);
    fireEvent.keyDown(screen.getByText('It was deleted.'), { key: 'Escape' });
    expect(screen.queryByText('It was deleted.')).toBeNull();
    expect(run).toHaveBeenCalledOnce();
  });

  it('stands inside an open dialog, where it can be reached', async () => {
    await showPage(<dialog open data-testid="sheet" />);
    say();
    expect(screen.getByTestId('sheet').contains(screen.getByText('It was deleted.'))).toBe(true);
  });
});
