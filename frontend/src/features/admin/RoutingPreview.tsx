import { useTranslation } from 'react-i18next';

import { useMe } from '@/api/me';
import type { Preview, PreviewTotal } from '@/api/routing';
import { Card, Nothing } from '@/components/ui/AreaPage';
import { classNames } from '@/components/ui/classNames';
import { Failure } from '@/components/ui/Failure';
import { Figure, Figures } from '@/components/ui/Figure';
import { Icon } from '@/components/ui/Icon';
import { Skeleton } from '@/components/ui/Skeleton';
import { count, percent } from '@/lib/dates';
import { exactMoney, money } from '@/lib/format';

import { changeOf, insideOf, sharesOf, type Share } from './routing';
import { ShareBars } from './ShareBars';
import { inHundred } from './useRouting';

import styles from './Routing.module.css';

/** Below so many questions a share is an example. */
const FEW = 100;

interface RoutingPreviewProps {
  preview: Preview | undefined;
  error: Error | null;
  isCalculating: boolean;
  /** Whether there is something to ask: a strategy without its model says nothing. */
  isAsked: boolean;
  /** Names of the teams that a change of the company does not reach. */
  withOwn: readonly string[];
  retry: () => void;
}

/** What a change would have meant for the questions of the last 30 days. */
export const RoutingPreview = ({ preview, error, isCalculating, isAsked, withOwn, retry }: RoutingPreviewProps) => {
  const { t } = useTranslation();
  if (!isAsked) return <Nothing title={t('routing.preview.noModel')} />;
  if (!preview) return error ? <Failure error={error} onRetry={retry} /> : <Skeleton label={t('area.loading')} lines={6} />;
  if (!preview.shown) {
    return <Nothing title={t('routing.preview.hidden')}>{t('routing.preview.hiddenHint')}</Nothing>;
  }
  const { before, after, decisions, days } = preview;
  return (
    <div className={styles.preview} aria-busy={isCalculating}>
      {error && !isCalculating && <Failure error={error} onRetry={retry} />}
      {before && after && decisions > 0
        ? <Compared preview={preview} before={before} after={after} isCalculating={isCalculating} withOwn={withOwn} />
        : <Nothing title={t('routing.preview.none', { days })}><ByHand preview={preview} /> {t('routing.preview.noneHint')}</Nothing>}
    </div>
  );
};

interface ComparedProps {
  preview: Preview;
  before: PreviewTotal;
  after: PreviewTotal;
  isCalculating: boolean;
  withOwn: readonly string[];
}

const Compared = ({ preview, before, after, isCalculating, withOwn }: ComparedProps) => {
  const { t, i18n } = useTranslation();
  const { decisions } = preview;
  const shares = sharesOf(preview);
  const aside = isCalculating
    ? <span className={styles.state}><Icon name="again" size={15} /> {t('routing.preview.calculating')}</span>
    : <span className={styles.state}>{t(preview.newest_only ? 'routing.preview.newest' : 'routing.preview.count', { count: decisions, shown: count(decisions, i18n.language) })}</span>;
  return (
    <>
      <Card title={t('routing.preview.title', { days: preview.days })} actions={aside}>
        <div className={classNames(styles.sums, isCalculating && styles.old)}>
          <Sums preview={preview} before={before} after={after} shares={shares} />
        </div>
        <div className={styles.notes}>
          {decisions < FEW && <p><b>{t('routing.preview.few', { count: decisions })}</b></p>}
          <p>{t('routing.preview.basis')} <ByHand preview={preview} /></p>
          {withOwn.length > 0 && (
            <p>{t('routing.preview.withOwn', { teams: new Intl.ListFormat(i18n.language).format(withOwn) })}</p>
          )}
        </div>
      </Card>
      <ShareBars shares={shares} isOld={isCalculating} />
    </>
  );
};

const Sums = ({ preview, before, after, shares }: { preview: Preview; before: PreviewTotal; after: PreviewTotal; shares: readonly Share[] }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const language = i18n.language;
  const { changed, decisions } = preview;
  const inside = insideOf(shares);
  const [qualityBefore, quality] = [inHundred(before.quality ?? 0), inHundred(after.quality ?? 0)];
  const costBefore = t('routing.preview.was', { before: money(before.cost_micro_usd, language) });
  return (
    <Figures label={t('routing.preview.sums')}>
      <Figure name={t('routing.preview.changed')} value={count(changed, language)}>
        {t('routing.preview.ofQuestions', { count: decisions, shown: count(decisions, language), share: percent(changed / decisions, language) })}
      </Figure>
      <Figure name={t('routing.preview.cost')} value={money(after.cost_micro_usd, language)} exact={exactMoney(after.cost_micro_usd, language)}>
        <Change before={before.cost_micro_usd} after={after.cost_micro_usd} />
        {costBefore}
      </Figure>
      <Figure name={t('routing.preview.quality')} value={t('routing.preview.ofHundred', { number: quality })}>
        {t(quality === qualityBefore ? 'routing.preview.notClearly' : 'routing.preview.clearly', { before: qualityBefore })}
      </Figure>
      <Figure name={t('routing.preview.inside', { company: me.tenant.name })} value={percent(inside.after, language)}>
        {t('routing.preview.was', { before: percent(inside.before, language) })}
      </Figure>
    </Figures>
  );
};

/** “19 % less” */
const Change = ({ before, after }: { before: number; after: number }) => {
  const { t, i18n } = useTranslation();
  const change = changeOf(before, after);
  if (change === null) return null;
  const share = percent(Math.abs(change), i18n.language);
  return (
    <span className={classNames(styles.change, change < 0 && 'ok')}>
      {t(change < 0 ? 'routing.preview.less' : 'routing.preview.more', { share })}
    </span>
  );
};

const ByHand = ({ preview: { by_hand: byHand } }: { preview: Preview }) => {
  const { t, i18n } = useTranslation();
  return byHand > 0 && t('routing.preview.byHand', { count: byHand, shown: count(byHand, i18n.language) });
};
