import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { api } from '@/api/client';
import { may, useMe } from '@/api/me';
import { AreaPage, Card } from '@/components/ui/AreaPage';
import { CheckField, SelectField } from '@/components/ui/Field';
import { chooseLanguage, LANGUAGES, type Language } from '@/lib/i18n';
import { chooseSingleKeys, singleKeys } from '@/lib/shortcuts';
import { chooseTheme, theme, THEMES, type Theme } from '@/lib/theme';

import { Devices } from './Devices';
import { MyKeys } from './MyKeys';

import styles from './SettingsPage.module.css';

export const SettingsPage = () => {
  const { t } = useTranslation();
  const me = useMe();
  const hasKeys = may(me, 'keys.read');
  return (
    <AreaPage title={t('area.titles.settings')} aside={`${me.name} · ${me.email} · ${me.tenant.name}`}>
      <div className={styles.settings}>
        <Card title={t('settings.looks')}><Looks /></Card>
        <Card title={t('settings.devices')}><Devices /></Card>
        {hasKeys && <MyKeys me={me} />}
      </div>
    </AreaPage>
  );
};

const Looks = () => {
  const { t, i18n } = useTranslation();
  const chosen = useSyncExternalStore(theme.subscribe, theme.get);
  const hasSingleKeys = useSyncExternalStore(singleKeys.subscribe, singleKeys.get);
  const speak = (language: Language) => {
    void chooseLanguage(language);
    // The account remembers it for other devices; here it holds already, whatever becomes of that.
    api.PATCH('/api/v1/me/', { body: { locale: language } }).catch(() => undefined);
  };
  return (
    <div className={styles.looks}>
      <SelectField label={t('account.language')} value={i18n.language} onChange={({ target }) => speak(target.value as Language)}>
        {LANGUAGES.map((language) => <option key={language} value={language} lang={language}>{t(`account.languages.${language}`)}</option>)}
      </SelectField>
      <SelectField label={t('account.theme')} value={chosen} onChange={({ target }) => chooseTheme(target.value as Theme)}>
        {THEMES.map((name) => <option key={name} value={name}>{t(`account.themes.${name}`)}</option>)}
      </SelectField>
      <CheckField
        label={t('settings.singleKeys')}
        hint={t('settings.singleKeysHint')}
        checked={hasSingleKeys}
        onChange={({ target }) => chooseSingleKeys(target.checked)}
      />
    </div>
  );
};
