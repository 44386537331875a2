import { useTranslation } from 'react-i18next';

import { ApiError } from '@/api/client';

import { Button } from './Button';
import { Notice } from './Notice';

/** What could not be done, why, and what now. Of a server's own words we say that they are English. */
export const Failure = ({ error, onRetry }: { error: Error; onRetry?: () => void }) => {
  const { t, i18n } = useTranslation();
  const isOurs = error instanceof ApiError && error.status > 0;
  if (!isOurs) {
    return (
      <Notice tone="warn" icon="noNetwork" role="alert" title={t('area.offline')} actions={onRetry && <Retry onRetry={onRetry} />}>
        {t('area.offlineHint')}
      </Notice>
    );
  }
  const words = t(`area.errors.${error.code as 'not_found'}`, { defaultValue: '' });
  const details = Object.values(error.fields);
  return (
    <Notice tone="stop" icon="octagon" role="alert" title={words || t('area.failed')} actions={onRetry && <Retry onRetry={onRetry} />}>
      {(i18n.language === 'en' || words === '') && <span lang="en">{[error.message, ...details].join(' ')}</span>}
    </Notice>
  );
};

const Retry = ({ onRetry }: { onRetry: () => void }) => {
  const { t } = useTranslation();
  return <Button kind="link" onClick={onRetry}>{t('answer.retry')}</Button>;
};
