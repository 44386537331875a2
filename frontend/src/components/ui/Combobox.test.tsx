import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { givenBrowser } from '@/testing/page';

import { Combobox } from './Combobox';

const ALL = [
  { id: 'anna', label: 'Anna', group: 'People' }, { id: 'ben', label: 'Ben', group: 'People' }, { id: 'lab', label: 'Laboratory', group: 'Teams' },
];

const Field = ({ onPick }: { onPick: (id: string) => void }) => {
  const [text, setText] = useState('');
  const options = ALL.filter(({ label }) => label.toLowerCase().includes(text));
  return (
    <Combobox
      label="Who"
      value={text}
      onValue={setText}
      options={options}
      status={`${options.length} found`}
      onPick={({ id }) => onPick(id)}
    />
  );
};

describe('a combobox', () => {
  beforeEach(() => givenBrowser());

  it('keeps the focus in its field, says which option is chosen, and picks it with Enter', () => {
    const onPick = vi.fn();
    render(<Field onPick={onPick} />);
    const field = screen.getByRole('combobox', { name: 'Who' });
    const chosen = () => document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.textContent;
    expect(chosen()).toBe('Anna');
    fireEvent.keyDown(field, { key: 'ArrowUp' });
    expect(chosen()).toBe('Laboratory');
    fireEvent.change(field, { target: { value: 'b' } });
    expect(screen.getByRole('status').textContent).toBe('2 found');
    expect(chosen()).toBe('Ben');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(onPick).toHaveBeenCalledExactlyOnceWith('ben');
  });

  it('names its groups, and has nothing to pick when nothing fits', () => {
    const onPick = vi.fn();
    render(<Field onPick={onPick} />);
    expect(screen.getAllByRole('group').map((group) => group.getAttribute('aria-label'))).toEqual(['People', 'Teams']);
    fireEvent.change(screen.getByRole('combobox'), { target: { value: 'zzz' } });
    expect(screen.getByRole('combobox').getAttribute('aria-expanded')).toBe('false');
    fireEvent.keyDown(screen.getByRole('combobox'), { key: 'Enter' });
    expect(onPick).not.toHaveBeenCalled();
  });
});
