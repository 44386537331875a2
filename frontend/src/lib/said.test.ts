import { beforeAll, describe, expect, it } from 'vitest';

import { saidInGerman } from '@/locales/german/said';

import { saidOf, speakSaid, wordsOf } from './said';

beforeAll(() => speakSaid('de', saidInGerman));

const choice = { model: 'demo-large', task: 'explain_advise', domain: 'legal', quality: 93, cost_microusd: 6_500 };

describe('a sentence of the server', () => {
  it('is said in German with its figures', () => {
    expect(wordsOf({ code: 'strongest', params: choice }, 'de')).toBe(
      'demo-large ist die stärkste Wahl für „Erklären (Recht)“: eine gute Antwort in 93 von 100 Fällen, etwa 0,0065\u00a0$.',
    );
  });

  it('names all who vote, and what they cost together', () => {
    const params = { voters: 'a, b and c', models: ['a', 'b', 'c'], cost: 'about $0.0065', cost_microusd: 6_500 };

    expect(wordsOf({ code: 'vote', params }, 'de')).toBe(
      'a, b und c werden zugleich gefragt; was die meisten sagen, ist die Antwort (zusammen etwa 0,0065\u00a0$).',
    );
  });

  it('says the sentences inside it once each', () => {
    const said = {
      code: 'nobody_may',
      params: {
        rejected: [
          { model: 'a', said: { code: 'context_too_long', params: { model: 'a' } } },
          { model: 'b', said: { code: 'not_permitted', params: { model: 'b', by: 'x', origin: { code: 'stays_inside', params: { label: 'sensitive' } } } } },
          { model: 'c', said: { code: 'not_permitted', params: { model: 'c', by: 'x', origin: { code: 'stays_inside', params: { label: 'sensitive' } } } } },
        ],
      },
    };

    expect(wordsOf(said, 'de')).toBe(
      'Kein Modell darf das beantworten. Der Text ist zu lang für a. Der Text bleibt intern, weil er Vertrauliches enthält.',
    );
  });

  it('names kinds of private details in the words of the page', () => {
    const said = { code: 'private_refused', params: { types: ['EMAIL_ADDRESS', 'IBAN_CODE', 'NEW_TYPE'] } };

    expect(wordsOf(said, 'en')).toContain('e-mail address, bank account');
    expect(wordsOf(said, 'de')).toContain('E-Mail-Adresse, Bankverbindung und vertrauliche Angabe');
  });

  it.each([null, undefined, { code: 'unheard_of', params: {} }])('is left to the server where %j has no words', (said) => {
    expect(wordsOf(said, 'de')).toBeNull();
  });

  it.each([{}, null, 'x', { code: 3 }])('is read with care from %j', (odd) => {
    expect(saidOf(odd)).toBeNull();
  });
});
