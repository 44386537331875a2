import { act, fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import { Menu, type MenuItem } from './Menu';
import { typedAhead } from './typeAhead';

const show = (more: Partial<MenuItem>[] = []) => {
  const chosen = vi.fn<(id: string, focused?: string) => void>();
  const items: MenuItem[] = [
    { id: 'rename', label: 'Rename', onSelect: () => chosen('rename') },
    { id: 'pin', label: 'Pin', onSelect: () => chosen('pin') },
    { id: 'share', label: 'Share', isDisabled: true, onSelect: () => chosen('share') },
    { id: 'delete', label: 'Delete', onSelect: () => chosen('delete', document.activeElement?.textContent) },
    ...more.map((item, index) => ({ id: `more-${index}`, label: '', onSelect: () => undefined, ...item })),
  ];
  render(<Menu label="More" items={items} trigger={(props) => <button type="button" {...props}>Open</button>} />);
  const button = screen.getByRole('button', { name: 'Open' });
  const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
  const here = () => document.activeElement?.textContent;
  return { button, press, here, chosen };
};

describe('a menu', () => {
  it('opens at its first item and moves with arrows, round its ends', () => {
    const { button, press, here } = show();
    fireEvent.click(button);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    const seen = [here()];
    for (const key of ['ArrowUp', 'ArrowDown', 'End', 'Home', 'ArrowDown']) {
      press(key);
      seen.push(here());
    }
    expect(seen).toEqual(['Rename', 'Delete', 'Rename', 'Delete', 'Rename', 'Pin']);
  });

  it('goes by first letters', () => {
    const { button, press, here } = show();
    fireEvent.click(button);
    press('d');
    expect(here()).toBe('Delete');
  });

  it.each(['Escape', 'Tab'])('closes with %s, and the focus is back on its button', (key) => {
    const { button, press } = show();
    fireEvent.click(button);
    press(key);
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('has given the focus back before the choice acts, and disabled items do not', () => {
    const { button, chosen } = show();
    fireEvent.click(button);
    fireEvent.click(screen.getByRole('menuitem', { name: 'Share' }));
    expect(chosen).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('menuitem', { name: 'Delete' }));
    expect(chosen).toHaveBeenCalledExactlyOnceWith('delete', 'Open');
    expect(screen.queryByRole('menu')).toBeNull();
  });

  it('closes when something else is pressed', () => {
    const { button } = show();
    fireEvent.click(button);
    act(() => void document.body.dispatchEvent(new Event('pointerdown', { bubbles: true })));
    expect(screen.queryByRole('menu')).toBeNull();
  });
});

describe('typing ahead', () => {
  it('joins quick letters, and goes on with a repeated one', () => {
    const labels = ['Pin', 'Private', 'Share', 'Print'];
    const typed = { text: '', at: 0 };
    expect(typedAhead(labels, 0, typed, 'p', 1_000)).toBe(1);
    expect(typedAhead(labels, 1, typed, 'p', 1_100)).toBe(3);
    expect(typedAhead(labels, 0, typed, 'p', 9_000)).toBe(1);
    expect(typedAhead(labels, 1, typed, 'R', 9_100)).toBe(1);
    expect(typedAhead(labels, 1, typed, 'i', 9_200)).toBe(1);
    expect(typedAhead(labels, 1, typed, 'n', 9_300)).toBe(3);
    expect(typedAhead(labels, 1, typed, 'x', 20_000)).toBeNull();
  });
});
