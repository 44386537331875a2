import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { aConversation, givenBrowser, givenServer, refusal, showPage } from '@/testing/page';

import { ShareDialog } from './ShareDialog';

const SHARES = '/api/v1/conversations/{conversation}/shares/';
const ANNA = { id: 7, name: 'Anna Roth', email: 'anna@acme.example' };
const LAB = { id: 2, name: 'Laboratory' };
const share = (id: string, who: object) => ({ id, user: null, team: null, created_at: '2026-11-20T10:00:00Z', ...who });

const show = async (answers: Parameters<typeof givenServer>[0] = {}, row = aConversation('a')) => {
  const sent: unknown[] = [];
  const asked = givenServer({
    [`GET ${SHARES}`]: () => ({ results: [share('s-1', { team: LAB })] }),
    'GET /api/v1/conversations/{conversation}/readers/': ({ query }) => ({
      people: (query.q ?? '').length > 1 ? [ANNA] : [], teams: [LAB],
    }),
    [`POST ${SHARES}`]: ({ body }) => {
      sent.push(body);
      return share('s-2', { user: ANNA });
    },
    [`DELETE ${SHARES}{share}/`]: () => null,
    ...answers,
  });
  const onClose = vi.fn();
  const page = await showPage(<ShareDialog row={row} company="Acme" onClose={onClose} />);
  await screen.findByRole('button', { name: 'Stop sharing with Laboratory' });
  return { ...page, asked, sent, onClose };
};
const field = () => screen.getByRole('combobox', { name: 'Add a colleague or a team' });
const readers = () => within(screen.getByRole('region', { name: 'Who can read it' })).queryAllByRole('listitem').map((item) => item.textContent);

beforeEach(() => givenBrowser());

describe('sharing a conversation', () => {
  it('begins in the field, says what readers see, and has no faults of accessibility', async () => {
    await show();
    expect(document.activeElement).toBe(field());
    expect(screen.getByText(/sees the title, all messages and all later answers/)).toBeTruthy();
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });

  it('adds a colleague found by name, says so, and does not offer who reads already', async () => {
    const { sent } = await show();
    expect(screen.queryAllByRole('option')).toEqual([]);
    fireEvent.change(field(), { target: { value: 'an' } });
    await screen.findByRole('option', { name: /Anna Roth/ });
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(await screen.findByText('Anna Roth can read this conversation now.')).toBeTruthy();
    expect(sent).toEqual([{ user: 7 }]);
    expect(readers()).toEqual(['LaboratoryEverybody in this team', 'Anna Rothanna@acme.example']);
  });

  it('ends a sharing, and keeps the focus in the dialog', async () => {
    const { asked } = await show();
    fireEvent.click(screen.getByRole('button', { name: 'Stop sharing with Laboratory' }));
    expect(await screen.findByText('Laboratory can no longer read this conversation.')).toBeTruthy();
    expect(readers()).toEqual([]);
    expect(screen.getByText('Only you.')).toBeTruthy();
    expect(asked.at(-1)).toContain('DELETE');
    expect(screen.getByRole('dialog').contains(document.activeElement)).toBe(true);
  });

  it('warns of private text, which the label of the conversation tells', async () => {
    await show({}, aConversation('a', { sensitivity: 'sensitive' }));
    expect(screen.getByText('This conversation contains private text.')).toBeTruthy();
  });

  it('says why it was not shared, and changes nothing', async () => {
    await show({ [`POST ${SHARES}`]: () => Promise.reject(refusal('At most 50 can read a conversation.', 400)) });
    fireEvent.change(field(), { target: { value: 'an' } });
    fireEvent.click(await screen.findByRole('option', { name: /Anna Roth/ }));
    expect((await screen.findByRole('alert')).textContent).toContain('It was not shared. At most 50 can read a conversation.');
    await waitFor(() => expect(readers()).toEqual(['LaboratoryEverybody in this team']));
  });
});
