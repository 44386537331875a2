/*
 * The server's sentences in the languages of the page, by their codes. The server writes English itself, so English has
 * those only that a page can say better. A code without words here is shown as the server wrote it.
 */
import { money } from '@/lib/format';

import { en } from './en';
import { kindsIn, named, word, type Told } from './saying';

const FAULTS_IN_ENGLISH = {
  provider_unavailable: 'the provider cannot be reached', provider_timeout: 'the provider was too slow',
  rate_limited: 'the provider is overloaded', context_too_long: 'the text is too long',
};
const ANSWER_FAULTS_IN_ENGLISH = {
  empty: 'was empty', bad_call: 'called a tool in a way that nobody can follow', refusal: 'was a refusal',
  truncated: 'was cut off', no_json: 'was not the JSON that was asked for', open_code: 'ended inside a block of code',
  repeats: 'went round in circles', too_short: 'was too short', wrong_language: 'was in another language',
};

export const saidInEnglish: Readonly<Record<string, Told>> = {
  private_refused: ({ types }) =>
    `Private details may not be sent to a model. Found: ${kindsIn('en', en.entities, types, en.entities.OTHER)}.`,
  lab_budget_reached: ({ worst, left }) =>
    `The next question could cost ${money(Number(worst), 'en')}; ${money(Number(left), 'en')} of the run’s budget are left. Go on with a larger budget.`,
  shown_masked: ({ types }) =>
    `It is shown placeholders instead of private details (${kindsIn('en', en.entities, types, en.entities.OTHER)}); the answer has the details again.`,
  // a record tells the code of a fault only: the sentence of the running answer was never stored
  switched_by_rule: ({ source, target }) => `${word(source)} may not answer under the rules of that moment, so ${word(target)} does.`,
  switched_by_fault: ({ source, target, code }) =>
    `${word(source)} could not answer (${named(FAULTS_IN_ENGLISH, code) ?? 'a fault at the provider'}), so ${word(target)} does.`,
  switched_by_check: ({ source, target, fault }) =>
    `The answer of ${word(source)} ${named(ANSWER_FAULTS_IN_ENGLISH, fault) ?? 'was not good enough'}, so ${word(target)} was asked.`,
  switched_midway: ({ source, target, code }) =>
    `${word(source)} broke off (${named(FAULTS_IN_ENGLISH, code) ?? 'a fault at the provider'}), so ${word(target)} goes on from here.`,
};
