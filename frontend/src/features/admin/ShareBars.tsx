import { useTranslation } from 'react-i18next';

import { Card } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { toneOf } from '@/components/ui/Sign';
import { Table, type Column } from '@/components/ui/Table';
import { percent } from '@/lib/dates';

import { mostMoved, type Share } from './routing';

import styles from './ShareBars.module.css';

/** As many models as can be taken in at once; the table names all. */
const MOST = 8;

/** Which model answers how much of all questions: a thin bar as it was, a thick one as it would have been. */
export const ShareBars = ({ shares, isOld }: { shares: readonly Share[]; isOld: boolean }) => {
  const { t, i18n } = useTranslation();
  const show = (share: number) => percent(share, i18n.language);
  const most = mostMoved(shares);
  const caption = most === null
    ? t('routing.shares.captionSame')
    : t('routing.shares.caption', { model: most.model, before: show(most.before), after: show(most.after) });
  const ceiling = Math.max(0.01, ...shares.flatMap(({ before, after }) => [before, after]));
  const hidden = shares.length - MOST;
  const legend = (
    <ul className={styles.legend} aria-hidden="true">
      <li><span className={styles.thin} /> {t('routing.shares.before')}</li>
      <li><span className={styles.thick} /> {t('routing.shares.after')}</li>
    </ul>
  );
  return (
    <Card title={t('routing.shares.title')} actions={legend}>
      <figure className={classNames(styles.chart, isOld && styles.old)}>
        <div role="img" aria-label={caption} className={styles.rows}>
          {shares.slice(0, MOST).map((share) => <Row key={share.model} share={share} ceiling={ceiling} />)}
        </div>
        <figcaption>{caption} {hidden > 0 && t('routing.shares.more', { count: hidden })}</figcaption>
      </figure>
      <details className={styles.details}>
        <summary>{t('routing.shares.table')}</summary>
        <ShareTable shares={shares} />
      </details>
    </Card>
  );
};

const Row = ({ share: { model, hosting, before, after }, ceiling }: { share: Share; ceiling: number }) => {
  const { t, i18n } = useTranslation();
  const isInside = hosting === 'self_hosted';
  const look = isInside ? styles.inside : styles.outside;
  const [was, would] = [percent(before, i18n.language), percent(after, i18n.language)];
  const words = was === would
    ? t('routing.shares.stays', { share: would })
    : t('routing.shares.moves', { before: Math.round(before * 100), after: would });
  const longer = Math.max(before, after);
  return (
    <>
      <span className={classNames(styles.name, isInside ? 'inside' : 'outside')}>
        <Icon name={isInside ? 'house' : 'leaving'} size={16} />
        <span className="mono">{model}</span>
      </span>
      <span className={styles.track}>
        <span className={styles.bars} style={{ flexBasis: `calc((100% - 7.5rem) * ${longer / ceiling})` }}>
          <span className={classNames(styles.was, look)} style={widthOf(before, longer)} />
          <span className={classNames(styles.would, look)} style={widthOf(after, longer)} />
        </span>
        <span className={styles.share}>{words}</span>
      </span>
    </>
  );
};

const widthOf = (share: number, whole: number) => ({ width: `${whole === 0 ? 0 : (share / whole) * 100}%` });

const ShareTable = ({ shares }: { shares: readonly Share[] }) => {
  const { t, i18n } = useTranslation();
  const columns: Column<Share>[] = [
    { key: 'model', head: t('routing.shares.model'), phone: 'first', cell: ({ model }) => <span className="mono">{model}</span> },
    {
      key: 'where', head: t('routing.shares.where'), phone: 'aside',
      cell: ({ hosting }) => (
        <Chip tone={toneOf(hosting)} icon={hosting === 'self_hosted' ? 'house' : 'leaving'}>
          {t(hosting === 'self_hosted' ? 'sign.insideShort' : 'sign.outside')}
        </Chip>
      ),
    },
    { key: 'before', head: t('routing.shares.wasHead'), isNumber: true, cell: ({ before }) => percent(before, i18n.language) },
    { key: 'after', head: t('routing.shares.wouldHead'), isNumber: true, cell: ({ after }) => percent(after, i18n.language) },
  ];
  return <Table label={t('routing.shares.title')} columns={columns} rows={shares} keyOf={({ model }) => model} />;
};
