import { useTranslation } from 'react-i18next';

import { wordsOf, type Said } from '@/lib/said';

/** A sentence of the server in the page's language; where only the server's own words are there, marked as English. */
export const Spoken = ({ said, text }: { said?: Said | null | undefined; text: string }) => {
  const { i18n } = useTranslation();
  const words = wordsOf(said, i18n.language);
  if (words !== null) return <>{words}</>;
  return i18n.language === 'en' || text === '' ? <>{text}</> : <span lang="en">{text}</span>;
};
