import { useEffect } from 'react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { announce } from '@/lib/announcer';
import { money } from '@/lib/format';
import type { CheckedFrame } from '@/lib/frames';

import { sentenceOf } from './entities';
import type { Upload } from './uploads';

import styles from './Composer.module.css';

/** What a question brings beside its text. */
export interface Enclosed {
  files: readonly Pick<Upload, 'stored' | 'isPicture'>[];
  hasPictures: boolean;
}

interface PrivacyHintProps {
  frame: CheckedFrame;
  enclosed: Enclosed;
  company: string;
}

/** What was found while typing, and where the text will go. Calm text has no hint. */
export const PrivacyHint = ({ frame, enclosed, company }: PrivacyHintProps) => {
  const { t, i18n } = useTranslation();
  const lead = leadOf(frame, enclosed, company, t, i18n.language);
  const kinds = frame.spans.map(({ type }) => type);
  const contains = kinds.length ? t('hint.contains', { list: sentenceOf(kinds, t, i18n.language) }) : '';
  const spoken = lead ? `${lead} ${contains}` : '';
  useEffect(() => {
    if (spoken) announce(spoken);
  }, [spoken]);
  if (!lead) return null;
  return (
    <div className={classNames(styles.hint, kinds.length ? 'sensitive' : frame.route ? 'inside' : 'stop')}>
      <Icon name={kinds.length ? 'shield' : frame.route ? 'house' : 'lock'} />
      <p>
        <b>{lead}</b> {contains}
      </p>
    </div>
  );
};

const leadOf = (frame: CheckedFrame, enclosed: Enclosed, company: string, t: TFunction, language: string): string | null => {
  const { sensitivity, route, spans } = frame;
  if (!route) return t('hint.nowhere');
  if (sensitivity === 'clean') return null;
  if (sensitivity === 'unclassified') return enclosed.hasPictures ? t('hint.pictureInside', { company }) : t('hint.unclassified');
  if (route.hosting === 'commercial') return t('hint.masked');
  if (spans.length) return t('hint.inside', { company });
  const list = new Intl.ListFormat(language).format(privateFiles(frame, enclosed));
  return list ? t('hint.fileInside', { company, list }) : t('hint.conversationInside', { company });
};

/** The names of the attached files in which something was found. */
const privateFiles = ({ attachments = [] }: CheckedFrame, { files }: Enclosed): readonly string[] => {
  const found = new Set(attachments.filter(({ sensitivity }) => sensitivity !== 'clean').map(({ id }) => id));
  return files.flatMap(({ stored, isPicture }) => (stored && !isPicture && found.has(stored.id) ? [stored.name] : []));
};

/** For text without secrets one quiet line: who would answer, and for how much. */
export const Forecast = ({ frame }: { frame: CheckedFrame }) => {
  const { t, i18n } = useTranslation();
  if (!frame.route) return null;
  const { model, hosting } = frame.route;
  const cost = frame.estimate_microusd;
  return (
    <span className={styles.forecast}>
      <span className={hosting === 'self_hosted' ? 'inside' : 'outside'}>
        <Icon name={hosting === 'self_hosted' ? 'house' : 'leaving'} size={15} />
      </span>
      {hosting === 'self_hosted' ? t('hint.staysWith', { model }) : t('hint.goesTo', { model })}
      {cost !== null && (
        <span className="num">{cost === 0 ? t('hint.free') : t('hint.about', { cost: money(cost, i18n.language) })}</span>
      )}
    </span>
  );
};
