import { isValidElement, useDeferredValue, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { useCopy } from '@/lib/useCopy';

import { loadHighlighter, lowlight, type HighlightTree } from './highlighter';
import { wordsOf } from './words';

import styles from './CodeBlock.module.css';

const MAX_HIGHLIGHTED = 20_000;

const NAMES: Readonly<Record<string, string>> = {
  bash: 'Shell', c: 'C', cpp: 'C++', cs: 'C#', csharp: 'C#', css: 'CSS', html: 'HTML', javascript: 'JavaScript', js: 'JavaScript',
  json: 'JSON', jsx: 'JSX', php: 'PHP', py: 'Python', rb: 'Ruby', rs: 'Rust', sh: 'Shell', sql: 'SQL', toml: 'TOML',
  ts: 'TypeScript', tsx: 'TSX', typescript: 'TypeScript', xml: 'XML', yaml: 'YAML', yml: 'YAML',
};

const languageName = (language: string): string =>
  NAMES[language.toLowerCase()] ?? language.charAt(0).toUpperCase() + language.slice(1);

interface Code {
  code: string;
  language: string | null;
}

/** The code and its language in what Markdown puts inside `pre`. */
export const codeOf = (children: ReactNode): Code => {
  const className = isValidElement<{ className?: string }>(children) ? (children.props.className ?? '') : '';
  return {
    code: wordsOf(children).replace(/\n$/, ''),
    language: /language-([\w+#.-]+)/.exec(className)?.[1] ?? null,
  };
};

export const CodeBlock = ({ code, language }: Code) => {
  const { t } = useTranslation();
  const [isCopied, copy] = useCopy();
  const [isWrapped, setWrapped] = useState(false);
  const highlighted = useHighlighted(code, language);
  return (
    <figure className={styles.code}>
      <figcaption>
        <span>{language === null ? t('markdown.code') : languageName(language)}</span>
        <span className={styles.tools}>
          <Button kind="quiet" size="small" icon="wrap" aria-pressed={isWrapped} onClick={() => setWrapped(!isWrapped)}>
          {t('talk.wrap')}
        </Button>
        <Button kind="quiet" size="small" icon={isCopied ? 'check' : 'copy'} onClick={() => copy(code)}>
          {isCopied ? t('markdown.copied') : t('markdown.copy')}
        </Button>
        </span>
      </figcaption>
      <pre tabIndex={0} data-wrapped={isWrapped || undefined}>
        <code lang="en" translate="no">
          {highlighted ?? code}
        </code>
      </pre>
    </figure>
  );
};

/** Colours follow when there is time: code that is being written is shown plain at its end meanwhile. */
const useHighlighted = (code: string, language: string | null): ReactNode => {
  const engine = useSyncExternalStore(lowlight.subscribe, lowlight.get);
  const calm = useDeferredValue(code);
  const isWanted = language !== null && code.length <= MAX_HIGHLIGHTED;
  useEffect(() => {
    if (isWanted) loadHighlighter();
  }, [isWanted]);
  const colours = useMemo(() => {
    if (!isWanted || !engine?.registered(language)) return null;
    return rendered(engine.highlight(language, calm).children);
  }, [engine, isWanted, language, calm]);
  return colours !== null && code.startsWith(calm) ? [colours, code.slice(calm.length)] : null;
};

const rendered = (nodes: HighlightTree['children']): ReactNode =>
  nodes.map((node, index) => {
    if (node.type === 'text') return node.value;
    if (node.type !== 'element') return null;
    const names = node.properties.className;
    return (
      <span key={index} className={Array.isArray(names) ? names.join(' ') : undefined}>
        {rendered(node.children)}
      </span>
    );
  });
