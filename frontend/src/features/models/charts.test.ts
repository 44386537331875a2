import { createInstance } from 'i18next';
import { describe, expect, it } from 'vitest';

import type { ProfileDay } from '@/api/models';
import { de, en } from '@/locales/models';

import { chartsOf, type Words } from './charts';

const speak = (language: 'en' | 'de'): Words => {
  const i18n = createInstance();
  void i18n.init({ lng: language, resources: { en: { models: en }, de: { models: de } }, interpolation: { escapeValue: false }, initAsync: false });
  return { t: i18n.getFixedT(language, 'models'), language };
};
const day = (date: string, more: Partial<ProfileDay> = {}): ProfileDay => ({
  date, attempts: 8, quality: 0.8, samples: 7, first_token_p50_ms: 600, first_token_p95_ms: 1800, tokens_per_s: 40, cost_microusd: 900,
  error_rate: 0, refusal_rate: 0.02, truncation_rate: 0, ...more,
});
const captions = (days: readonly ProfileDay[], language: 'en' | 'de' = 'en'): string[] =>
  chartsOf(days, speak(language)).map(({ caption }) => caption.replaceAll('\u00a0', ' '));

describe('the charts of a model', () => {
  const days = [day('2026-11-25', { quality: 0.9, first_token_p50_ms: 500, error_rate: 0.25 }), day('2026-11-26')];
  it('say the newest day and the range in a sentence', () => {
    expect(captions(days)).toEqual([
      'On 26 Nov 2026 80 of 100 answers were good; on the days shown 80 to 90.',
      'On 26 Nov 2026 half of the answers began within 0.6 s, 95 % within 1.8 s; on the days shown 0.5 s to 0.6 s for half.',
      'On 26 Nov 2026 half of the answers were faster than 40 tokens a second; on the days shown 40 to 40.',
      'On 26 Nov 2026 an answer cost $0.0009 on average; on the days shown $0.0009 to $0.0009.',
      'On 26 Nov 2026 0% of the attempts ended in an error, 2% were refused, 0% cut off; errors on the days shown 0% to 25%.',
    ]);
  });
  it('say it in German too', () => {
    expect(captions(days, 'de').slice(0, 2)).toEqual([
      'Am 26. Nov. 2026 waren 80 von 100 Antworten gut; an den gezeigten Tagen 80 bis 90.',
      'Am 26. Nov. 2026 begann die Hälfte der Antworten innerhalb von 0,6 s, 95 % innerhalb von 1,8 s; an den gezeigten Tagen die Hälfte in 0,5 s bis 0,6 s.',
    ]);
  });
  it('say what was not measured, and leave days without a figure out', () => {
    const unjudged = [day('2026-11-25'), day('2026-11-26', { quality: null, first_token_p95_ms: null })];
    const [quality, first] = captions(unjudged);
    expect([quality, first]).toEqual([
      'On 25 Nov 2026 80 of 100 answers were good; on the days shown 80 to 80.',
      'On 26 Nov 2026 half of the answers began within 0.6 s, 95 % within –; on the days shown 0.6 s to 0.6 s for half.',
    ]);
    expect(captions([day('2026-11-26', { quality: null })])[0]).toBe('Not measured on these days.');
  });
  it('tell the halves of a small scale apart', () => {
    const [, first, , cost] = chartsOf(days, speak('en'));
    expect([first?.axis(250), cost?.axis(150), cost?.axis(0)]).toEqual(['0.25\u00a0s', '$0.00015', '$0']);
  });
});
