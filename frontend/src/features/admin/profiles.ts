import type { PolicyDocument, Preset } from '@/api/policy';

export const LEVELS = ['off', 'context', 'any'] as const;
export const ACTIONS = ['self_hosted', 'mask', 'refuse'] as const;
export type Level = (typeof LEVELS)[number];
export type Action = (typeof ACTIONS)[number];

/** Which findings count, and what then happens: one profile of the policy with everything that it inherits. */
export interface Profile {
  preset: string;
  types: readonly string[];
  person: Level;
  action: Action;
  maskTypes: readonly string[];
  threshold: number;
  allow: readonly string[];
}

/** A profile as the document writes it: what is not named is inherited. */
interface Written {
  preset?: string; force_self_hosted?: string[]; person?: string | boolean; action?: string; mask_types?: string[];
  threshold?: number; allow?: string[];
}
type Sensitivity = Written & { channels?: Record<string, Written>; dictionaries?: unknown };

/** The company's own profile, which the others begin from. */
export const COMPANY = '';

const sensitivityOf = (document: PolicyDocument): Sensitivity => (document.sensitivity ?? {});

/** The profiles that the document has of its own, the company's first. */
export const profilesOf = (document: PolicyDocument): readonly string[] =>
  [COMPANY, ...Object.keys(sensitivityOf(document).channels ?? {}).toSorted()];

/** What holds for a channel or `team:SLUG`, or for the company. */
export const profileOf = (document: PolicyDocument, name: string, presets: readonly Preset[]): Profile => {
  const own = sensitivityOf(document);
  const company = merged(own, defaults(presets), presets);
  return name === COMPANY ? company : merged(own.channels?.[name] ?? {}, { ...company, preset: '' }, presets);
};

/** The document with this profile; what is as inherited is not written. */
export const withProfile = (document: PolicyDocument, name: string, profile: Profile, presets: readonly Preset[]): PolicyDocument => {
  const own = sensitivityOf(document);
  if (name === COMPANY) {
    const { channels, dictionaries } = own;
    const written = difference(profile, defaults(presets), presets);
    return {
      ...document,
      sensitivity: { ...written, ...(channels ? { channels } : {}), ...(dictionaries === undefined ? {} : { dictionaries }) },
    };
  }
  const company = profileOf(document, COMPANY, presets);
  const channels = { ...own.channels, [name]: difference(profile, { ...company, preset: '' }, presets) };
  return { ...document, sensitivity: { ...own, channels } };
};

/** The document without a profile of its own for this channel or team. */
export const withoutProfile = (document: PolicyDocument, name: string): PolicyDocument => {
  const { channels, ...rest } = sensitivityOf(document);
  const left = Object.fromEntries(Object.entries(channels ?? {}).filter(([key]) => key !== name));
  return { ...document, sensitivity: { ...rest, ...(Object.keys(left).length > 0 ? { channels: left } : {}) } };
};

/** What a preset says, over a profile. Unknown ones change nothing. */
export const withPreset = (profile: Profile, name: string, presets: readonly Preset[]): Profile => {
  const preset = presets.find((each) => each.name === name);
  if (!preset) return { ...profile, preset: '' };
  return { ...profile, preset: name, types: preset.force_self_hosted.toSorted(), person: preset.person, threshold: preset.threshold };
};

export const isSame = (a: Profile, b: Profile): boolean => JSON.stringify(a) === JSON.stringify(b);

const defaults = (presets: readonly Preset[]): Profile => withPreset(
  { preset: '', types: [], person: 'context', action: 'self_hosted', maskTypes: [], threshold: 0.4, allow: [] }, 'balanced', presets,
);

const merged = (written: Written, base: Profile, presets: readonly Preset[]): Profile => {
  const below = written.preset === undefined ? base : withPreset(base, written.preset, presets);
  return {
    preset: below.preset,
    types: written.force_self_hosted?.toSorted() ?? below.types,
    // YAML reads a bare `off` as a boolean
    person: written.person === false ? 'off' : ((written.person as Level | undefined) ?? below.person),
    action: (written.action as Action | undefined) ?? below.action,
    maskTypes: written.mask_types?.toSorted() ?? below.maskTypes,
    threshold: written.threshold ?? below.threshold,
    allow: written.allow ?? below.allow,
  };
};

const difference = (profile: Profile, base: Profile, presets: readonly Preset[]): Written => {
  const isPreset = profile.preset !== '' && profile.preset !== base.preset;
  const below = isPreset ? withPreset(base, profile.preset, presets) : base;
  const differs = (key: 'types' | 'maskTypes' | 'allow'): boolean => JSON.stringify(profile[key]) !== JSON.stringify(below[key]);
  return {
    ...(isPreset ? { preset: profile.preset } : {}),
    ...(differs('types') ? { force_self_hosted: [...profile.types] } : {}),
    ...(profile.person === below.person ? {} : { person: profile.person }),
    ...(profile.action === below.action ? {} : { action: profile.action }),
    ...(differs('maskTypes') ? { mask_types: [...profile.maskTypes] } : {}),
    ...(profile.threshold === below.threshold ? {} : { threshold: profile.threshold }),
    ...(differs('allow') ? { allow: [...profile.allow] } : {}),
  };
};
