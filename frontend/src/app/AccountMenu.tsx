import { Link } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { api, csrfToken, type Me } from '@/api/client';
import { Icon } from '@/components/ui/Icon';
import { Popover } from '@/components/ui/Popover';
import { forgetDrafts } from '@/lib/drafts';
import { initialsOf } from '@/lib/format';
import { chooseLanguage, LANGUAGES, type Language } from '@/lib/i18n';
import { chooseTheme, theme, THEMES, type Theme } from '@/lib/theme';

import { areasOf } from './areas';

import styles from './AccountMenu.module.css';

export const AccountMenu = ({ me, side }: { me: Me; side: 'above' | 'beside' }) => {
  const { t } = useTranslation();
  return (
    <div className={styles.place}>
      <Popover
        side={side}
        label={t('account.open', { name: me.name })}
        trigger={(props) => (
          <button type="button" className={styles.avatar} {...props}>
            <span aria-hidden="true">{initialsOf(me.name)}</span>
            <span className="visually-hidden">{t('account.open', { name: me.name })}</span>
          </button>
        )}
      >
        <div className={styles.menu}>
          <p className={styles.who}>
            <b>{me.name}</b>
            <span>{me.email}</span>
            <span>{[me.tenant.name, ...me.teams.map(({ name }) => name)].join(' · ')}</span>
          </p>
          <Places me={me} />
          <LanguageChoice />
          <ThemeChoice />
          <SignOut />
        </div>
      </Popover>
    </div>
  );
};

/** Where one can go; what the rail shows too, phones hide in the chat. */
const Places = ({ me }: { me: Me }) => {
  const { t } = useTranslation();
  return (
    <ul className={styles.places}>
      {areasOf(me).map(({ to, word, icon, isInRail }) => (
        <li key={to} className={isInRail ? styles.inRail : undefined}>
          <Link to={to} className={styles.link}>
            <Icon name={icon} size={16} />
            {t(`area.titles.${word}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
};

const LanguageChoice = () => {
  const { t, i18n } = useTranslation();
  const choose = (language: Language) => {
    void chooseLanguage(language);
    // The account remembers it for other devices; here it holds already, whatever becomes of that.
    api.PATCH('/api/v1/me/', { body: { locale: language } }).catch(() => undefined);
  };
  return (
    <label className={styles.choice}>
      {t('account.language')}
      <select value={i18n.language} onChange={(event) => choose(event.target.value as Language)}>
        {LANGUAGES.map((language) => (
          <option key={language} value={language} lang={language}>{t(`account.languages.${language}`)}</option>
        ))}
      </select>
    </label>
  );
};

const ThemeChoice = () => {
  const { t } = useTranslation();
  const chosen = useSyncExternalStore(theme.subscribe, theme.get);
  return (
    <label className={styles.choice}>
      {t('account.theme')}
      <select value={chosen} onChange={(event) => chooseTheme(event.target.value as Theme)}>
        {THEMES.map((name) => <option key={name} value={name}>{t(`account.themes.${name}`)}</option>)}
      </select>
    </label>
  );
};

/** A plain form: the server ends the session and shows its own page. */
const SignOut = () => {
  const { t } = useTranslation();
  return (
    <form method="post" action="/accounts/logout/" onSubmit={forgetDrafts}>
      <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
      <button type="submit" className={styles.signOut}>{t('account.signOut')}</button>
    </form>
  );
};
