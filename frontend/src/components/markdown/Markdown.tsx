import { lazy, memo, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

import { BlockBoundary } from './BlockBoundary';
import { BlockReader } from './blocks';
import { COMPONENTS } from './elements';
import { cutTable, isEndless, thinned } from './limits';
import { mathOf } from './math';
import { settled } from './settled';

import styles from './Markdown.module.css';

const PLUGINS = [remarkGfm];
/** Formulas are a large part with fonts of its own: it comes with the first of them, and until then shows their source. */
const MathBlock = lazy(() => import('./MathBlock').then(({ MathBlock }) => ({ default: MathBlock })));

const Raw = ({ text }: { text: string }) => <pre className={styles.raw}>{text}</pre>;

const Plain = ({ text }: { text: string }) => (
  <ReactMarkdown components={COMPONENTS} remarkPlugins={PLUGINS}>
    {text}
  </ReactMarkdown>
);

const Formatted = ({ text }: { text: string }) => {
  const math = mathOf(text);
  return math === null ? <Plain text={text} /> : (
    <Suspense fallback={<Plain text={text} />}>
      <MathBlock text={math} />
    </Suspense>
  );
};

const Block = memo(({ text: source, left }: { text: string; left: number }) => {
  const { t } = useTranslation();
  const text = thinned(source);
  return (
    <div className={styles.block}>
      {isEndless(text) ? <Raw text={text} /> : (
        <BlockBoundary fallback={<Raw text={text} />}>
          <Formatted text={text} />
        </BlockBoundary>
      )}
      {left > 0 && <p className={styles.left}>{t('markdown.moreRows', { count: left })}</p>}
    </div>
  );
});
Block.displayName = 'Block';

/** Markdown of an answer. `isLive`: it is still being written, and a caret stands at its end. */
export const Markdown = ({ text, isLive = false }: { text: string; isLive?: boolean }) => {
  const [reader] = useState(() => new BlockReader());
  return (
    <div className={styles.prose} data-live={isLive || undefined}>
      {reader.read(isLive ? settled(text) : text).map((block, index) => (
        <Block key={index} {...cutTable(block)} />
      ))}
    </div>
  );
};
