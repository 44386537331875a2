import type { ReactNode } from 'react';
import type { Components } from 'react-markdown';
import { useTranslation } from 'react-i18next';

import { Icon } from '@/components/ui/Icon';

import { CodeBlock, codeOf } from './CodeBlock';
import { hiddenHost, safeAddress } from './links';
import { wordsOf } from './words';

import styles from './Markdown.module.css';

/*
 * What a model writes is hostile: no HTML (react-markdown shows it as text), nothing is fetched, and links say where
 * they lead.
 */

const Link = ({ href, children }: { href?: string | undefined; children?: ReactNode }) => {
  const address = safeAddress(href);
  if (!address) return <>{children}</>;
  const host = hiddenHost(address, wordsOf(children));
  return (
    <>
      <a href={address.href} target="_blank" rel="noopener noreferrer nofollow" title={address.href}>
        {children}
      </a>
      {host && <span className={styles.host}>{` (${host})`}</span>}
    </>
  );
};

const Picture = ({ src, alt }: { src?: unknown; alt?: string | undefined }) => {
  const { t } = useTranslation();
  const address = safeAddress(typeof src === 'string' ? src : undefined);
  const words = t('markdown.image', { alt: alt ?? '' });
  return (
    <span className={styles.picture}>
      <Icon name="picture" size={15} />
      {address ? <Link href={address.href}>{words}</Link> : words}
    </span>
  );
};

const Table = ({ children }: { children?: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <div className={styles.table} role="region" aria-label={t('markdown.table')} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
};

export const COMPONENTS: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  img: ({ src, alt }) => <Picture src={src} alt={alt} />,
  table: ({ children }) => <Table>{children}</Table>,
  pre: ({ children }) => <CodeBlock {...codeOf(children)} />,
  // The page has its own first headings: those of an answer come below them.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
};
