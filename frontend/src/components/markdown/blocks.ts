import { lexer } from 'marked';

/**
 * The top-level blocks of a Markdown text, each to be rendered for itself: while an answer grows, only the last one
 * changes. Definitions of links stand behind every block, or a link could not find its own.
 */
export const blocksOf = (text: string): readonly string[] => {
  const tokens = lexer(text);
  const definitions = tokens.filter(({ type }) => type === 'def').map(({ raw }) => raw.trim());
  const suffix = definitions.length ? `\n\n${definitions.join('\n')}` : '';
  return tokens.filter(({ type }) => type !== 'space' && type !== 'def').map(({ raw }) => raw + suffix);
};
