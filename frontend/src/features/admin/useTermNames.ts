import { useTranslation } from 'react-i18next';

import { sliceCodePoints } from '@/lib/codePoints';

const SHOWN = 3;
const LONGEST = 60;

/** Terms in quotation marks, the first few of many, each as far as a sentence bears it. */
export const useTermNames = (): ((terms: readonly string[]) => string) => {
  const { t } = useTranslation();
  const shorten = (term: string) => (term.length > LONGEST ? `${sliceCodePoints(term, 0, LONGEST)} …` : term);
  return (terms) => [
    ...terms.slice(0, SHOWN).map((term) => t('privacy.terms.quoted', { term: shorten(term) })),
    ...(terms.length > SHOWN ? [t('privacy.terms.others', { count: terms.length - SHOWN })] : []),
  ].join(', ');
};
