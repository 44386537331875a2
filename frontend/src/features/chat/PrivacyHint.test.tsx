import { render, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it } from 'vitest';

import type { CheckedFrame, Hosting, Sensitivity } from '@/lib/frames';
import { startI18n } from '@/lib/i18n';

import { PrivacyHint, type Enclosed } from './PrivacyHint';

const frame = (sensitivity: Sensitivity, hosting: Hosting | null, hasSpan = false): CheckedFrame => ({
  type: 'checked', id: 'i', sensitivity, estimate_microusd: 0, without: null,
  spans: hasSpan ? [{ type: 'IBAN_CODE', start: 0, end: 4 }] : [],
  route: hosting && { model: 'm', hosting },
});
const NOTHING: Enclosed = { files: [], hasPictures: false };
const fileOf = (id: string, name: string) => ({
  isPicture: false, stored: { id, name, kind: 'text', media_type: 'text/plain', size_bytes: 1, characters: 1, shortened: false } as const,
});
const FILES: Enclosed = { files: [fileOf('1', 'plan.txt'), fileOf('2', 'payroll.csv'), fileOf('3', 'staff.xlsx')], hasPictures: false };
const FOUND = [{ id: '1', sensitivity: 'clean' }, { id: '2', sensitivity: 'sensitive' }, { id: '3', sensitivity: 'sensitive' }] as const;

describe('the hint above the field', () => {
  beforeAll(() => startI18n('en'));

  it.each([
    ['private text', frame('sensitive', 'self_hosted', true), NOTHING, /This question will stay inside Acme/],
    ['private files', { ...frame('sensitive', 'self_hosted'), attachments: FOUND }, FILES, /private text in payroll\.csv and staff\.xlsx, so/],
    ['what was said before', { ...frame('sensitive', 'self_hosted'), attachments: [FOUND[0]] }, FILES, /This conversation stays inside/],
    ['a picture', frame('unclassified', 'self_hosted'), { ...NOTHING, hasPictures: true }, /Pictures cannot be checked/],
    ['text that no detector could read', frame('unclassified', 'self_hosted'), NOTHING, /could not be checked/],
    ['text that nobody may answer', frame('sensitive', null, true), NOTHING, /No model may answer/],
    ['masked text', frame('sensitive', 'commercial', true), NOTHING, /with private details hidden/],
  ] as const)('says of %s what it is', (_, checked, enclosed, words) => {
    render(<PrivacyHint frame={checked} enclosed={enclosed} company="Acme" />);

    expect(screen.getByText(words)).toBeTruthy();
  });

  it('is silent about calm text', () => {
    expect(render(<PrivacyHint frame={frame('clean', 'commercial')} enclosed={NOTHING} company="Acme" />).container.innerHTML).toBe('');
  });
});
