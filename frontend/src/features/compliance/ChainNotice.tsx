import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { chainQuery } from '@/api/audit';
import { useMe } from '@/api/me';
import { Notice } from '@/components/ui/Notice';
import { count, dayAndTime } from '@/lib/dates';

import { entryOf } from './words';

/** Whether the record can be trusted, on every page that shows it. A broken chain is said in red, with where it breaks. */
export const ChainNotice = ({ isQuiet = false }: { isQuiet?: boolean }) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const { data: chain } = useQuery(chainQuery);
  if (!chain) return null;
  const at = chain.verified_at ? dayAndTime(chain.verified_at, i18n.language, me.tenant.timezone) : '';
  if (chain.intact === false) {
    const entry = entryOf(chain.first_problem);
    return (
      <Notice
        tone="stop" icon="broken" role="alert"
        title={entry === null ? t('compliance.broken') : t('compliance.brokenAt', { number: count(entry, i18n.language) })}
        actions={isQuiet && <Link to="/compliance/chain">{t('compliance.toChain')}</Link>}
      >
        {t('compliance.brokenHint', { time: at })}
      </Notice>
    );
  }
  if (chain.intact === null) {
    return (
      <Notice tone="neutral" icon="clock" title={t('compliance.unverified')} actions={isQuiet && <Link to="/compliance/chain">{t('compliance.toChain')}</Link>}>
        {t('compliance.unverifiedHint')}
      </Notice>
    );
  }
  return (
    <Notice tone="ok" icon="seal" title={t('compliance.verified')}>
      {t('compliance.verifiedHint', { time: at, count: chain.entries, number: count(chain.entries, i18n.language) })}
    </Notice>
  );
};
