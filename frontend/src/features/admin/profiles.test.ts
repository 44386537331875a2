import { describe, expect, it } from 'vitest';

import type { Preset } from '@/api/policy';

import { COMPANY, profileOf, profilesOf, withoutProfile, withPreset, withProfile } from './profiles';

const PRESETS: Preset[] = [
  { name: 'balanced', force_self_hosted: ['IBAN_CODE', 'PERSON'], person: 'context', threshold: 0.4 },
  { name: 'source_code', force_self_hosted: ['IBAN_CODE'], person: 'off', threshold: 0.4 },
];
const DOCUMENT = {
  strategy: 'best',
  sensitivity: {
    action: 'mask', mask_types: ['PERSON'], dictionaries: { projects: ['Bluebird'] },
    channels: { api: { preset: 'source_code', allow: ['4711'] } },
  },
};

describe('a profile', () => {
  it('is what the document says, over its preset, over the company’s, over the default', () => {
    expect(profileOf({}, COMPANY, PRESETS)).toEqual({
      preset: 'balanced', types: ['IBAN_CODE', 'PERSON'], person: 'context', action: 'self_hosted', maskTypes: [], threshold: 0.4, allow: [],
    });
    expect(profileOf(DOCUMENT, 'api', PRESETS)).toEqual({
      preset: 'source_code', types: ['IBAN_CODE'], person: 'off', action: 'mask', maskTypes: ['PERSON'], threshold: 0.4, allow: ['4711'],
    });
    expect(profileOf(DOCUMENT, 'chat', PRESETS)).toMatchObject({ preset: '', action: 'mask', types: ['IBAN_CODE', 'PERSON'] });
    expect(profilesOf(DOCUMENT)).toEqual([COMPANY, 'api']);
  });

  it.each([COMPANY, 'api', 'chat', 'team:research'])('that is written back unchanged is the same document: "%s"', (name) => {
    const written = withProfile(DOCUMENT, name, profileOf(DOCUMENT, name, PRESETS), PRESETS);

    expect(profileOf(written, name, PRESETS)).toEqual(profileOf(DOCUMENT, name, PRESETS));
    if (name === COMPANY || name === 'api') expect(written).toEqual(DOCUMENT);
  });

  it('is written with what differs alone, and nothing else is lost', () => {
    const strict = { ...withPreset(profileOf(DOCUMENT, COMPANY, PRESETS), 'source_code', PRESETS), threshold: 0.2 };

    expect(withProfile(DOCUMENT, COMPANY, strict, PRESETS)).toEqual({
      strategy: 'best',
      sensitivity: {
        preset: 'source_code', action: 'mask', mask_types: ['PERSON'], threshold: 0.2,
        dictionaries: { projects: ['Bluebird'] }, channels: DOCUMENT.sensitivity.channels,
      },
    });
  });

  it('of a channel goes without the others', () => {
    expect(withoutProfile(DOCUMENT, 'api')).toEqual({
      strategy: 'best', sensitivity: { action: 'mask', mask_types: ['PERSON'], dictionaries: { projects: ['Bluebird'] } },
    });
  });
});
