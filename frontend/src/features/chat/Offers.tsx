import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';
import { money } from '@/lib/format';
import { en } from '@/locales/en';

import type { Offer } from './changes';
import { namesOf, sentenceOf } from './entities';

import styles from './Composer.module.css';

interface OffersProps {
  offers: readonly Offer[];
  /** As it stands, the question stays inside. */
  isInside: boolean;
  onApply: (offer: Offer) => void;
  onKeep: () => void;
}

/** What would change it: "Without a bank account: gpt-mini could answer, better at law, about $0.0040." */
export const Offers = ({ offers, isInside, onApply, onKeep }: OffersProps) => {
  const { t, i18n } = useTranslation();
  return (
    <section className={styles.offers} aria-label={t('change.title')}>
      <ul>
        {offers.map((offer) => (
          <li key={offer.kinds.join(' ')}>
            <span className={offer.isInside ? 'inside' : 'outside'}>
              <Icon name={offer.isInside ? 'house' : 'leaving'} size={15} />
            </span>
            <span>{wordsOf(offer, t, i18n.language)}</span>
            <Button kind="link" onClick={() => onApply(offer)}>
              {offer.isAll ? t('hint.replace') : t('change.replaceOnly', { list: namesOf(offer.kinds, t, i18n.language) })}
            </Button>
          </li>
        ))}
      </ul>
      {isInside && <Button kind="quiet" size="small" icon="house" onClick={onKeep}>{t('change.keep')}</Button>}
    </section>
  );
};

const wordsOf = (offer: Offer, t: TFunction, language: string): string => {
  const { kinds, model, better, costMicroUsd } = offer;
  const subject = subjectOf(offer, t);
  const parts = [t('change.offer', { list: sentenceOf(kinds, t, language), model })];
  if (better !== 0 && subject) parts.push(better > 0 ? t('change.better', { subject }) : t('change.worse', { subject }));
  if (costMicroUsd !== null) parts.push(costMicroUsd === 0 ? t('change.free') : t('change.about', { cost: money(costMicroUsd, language) }));
  return `${parts.join(', ')}.`;
};

/** What the question is about: its field, or where that says nothing its kind. */
const subjectOf = ({ task, domain }: Offer, t: TFunction): string | null => {
  if (domain !== null && domain !== 'general' && domain in en.domains) return t(`domains.${domain as keyof typeof en.domains}`);
  return task !== null && task in en.tasks ? t(`tasks.${task as keyof typeof en.tasks}`) : null;
};
