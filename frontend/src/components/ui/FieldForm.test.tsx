import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';

import { givenBrowser } from '@/testing/page';

import { CheckField, FieldGroup, TextField } from './Field';
import { FieldForm } from './FieldForm';

/** Refuses whatever it is given. */
const Form = () => {
  const [problems, setProblems] = useState<{ name: string; scope: string } | null>(null);
  const [name, setName] = useState('');
  return (
    <FieldForm
      submit="Save" isBusy={false} problems={problems}
      onSubmit={() => setProblems({ name: 'Give it a name.', scope: 'Choose one.' })}
    >
      <TextField label="Name" error={problems?.name} value={name} onChange={({ target }) => setName(target.value)} />
      <FieldGroup label="Scopes" error={problems?.scope}><CheckField label="Chat" /></FieldGroup>
    </FieldForm>
  );
};

const save = () => fireEvent.click(screen.getByRole('button', { name: 'Save' }));
const isTold = (sentence: string) => screen.queryByText(sentence) !== null;

describe('a form', () => {
  beforeEach(() => givenBrowser());

  it('tells what is wrong with a field until that field is changed, and again at the next attempt', () => {
    render(<Form />);
    const field = screen.getByLabelText('Name');
    save();
    expect([isTold('Give it a name.'), isTold('Choose one.')]).toEqual([true, true]);
    expect(document.activeElement).toBe(field);

    fireEvent.change(field, { target: { value: 'Export' } });
    expect([isTold('Give it a name.'), isTold('Choose one.')]).toEqual([false, true]);
    expect(field.getAttribute('aria-invalid')).toBe(null);
    expect(document.activeElement).toBe(field);

    fireEvent.click(screen.getByLabelText('Chat'));
    expect(isTold('Choose one.')).toBe(false);

    save();
    expect([isTold('Give it a name.'), isTold('Choose one.')]).toEqual([true, true]);
  });
});
