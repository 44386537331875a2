import { useTranslation } from 'react-i18next';

import { count } from '@/lib/dates';

import { LONGEST_TERM, MOST_TERMS, type Faults, type Problem } from './terms';
import { useTermNames } from './useTermNames';

/** Why a list cannot be proposed as it is, with the terms that are wrong. */
export const TermsProblem = ({ problem }: { problem: Problem }) =>
  'faults' in problem ? <Found faults={problem.faults} /> : <Told problem={problem} />;

const Found = ({ faults: { isEmpty, isTooMany, long, hollow } }: { faults: Faults }) => {
  const { t, i18n } = useTranslation();
  const named = useTermNames();
  return [
    ...(isEmpty ? [t('privacy.terms.empty')] : []),
    ...(isTooMany ? [t('privacy.terms.tooMany', { most: count(MOST_TERMS, i18n.language) })] : []),
    ...(long.length > 0 ? [t('privacy.terms.long', { terms: named(long), most: LONGEST_TERM })] : []),
    ...(hollow.length > 0 ? [t('privacy.terms.hollow', { terms: named(hollow) })] : []),
  ].join(' ');
};

/** The server's own words, which are English; the same sentence once, with the terms that it is about. */
const Told = ({ problem: { servers } }: { problem: Extract<Problem, { servers: unknown }> }) => {
  const named = useTermNames();
  const sentences = [...new Set(servers.map(({ sentence }) => sentence))];
  return sentences.map((sentence) => {
    const terms = servers.filter((each) => each.sentence === sentence && each.term !== '').map(({ term }) => term);
    return <span key={sentence} lang="en">{terms.length > 0 && `${named(terms)}: `}{sentence} </span>;
  });
};
