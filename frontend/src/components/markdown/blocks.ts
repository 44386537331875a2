import { Lexer, Marked, type Token, type TokenizerExtension } from 'marked';

import { flattened } from './limits';
import { openMathAt } from './math';

/** A formula of several lines is one block, whatever its lines look like. */
const DISPLAY = /^ {0,3}(?:\$\$[\s\S]+?\$\$|\\\[[\s\S]+?\\\])[ \t]*(?:\n|$)/;
const math: TokenizerExtension = {
  name: 'displayMath',
  level: 'block',
  start: (source) => /^ {0,3}(?:\$\$|\\\[)/m.exec(source)?.index,
  tokenizer: (source) => {
    const found = DISPLAY.exec(source);
    return found ? { type: 'displayMath', raw: found[0] } : undefined;
  },
};
const marked = new Marked({ extensions: [math] });

type Piece = Pick<Token, 'type' | 'raw'>;

/** Blocks only: what stands inside a line is for who renders it. */
const lex = (text: string): readonly Piece[] => {
  try {
    return new Lexer(marked.defaults).blockTokens(text.replace(/\r\n?/g, '\n')).map(({ type, raw }) => ({ type, raw }));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ type: 'paragraph', raw: text }]; // too deep for the parser after all
  }
};

/**
 * Cuts a Markdown text into its top-level blocks, each to be rendered for itself: while an answer grows, only the last
 * one changes. It remembers the last text, so that of a longer one only what follows the last finished block is read.
 * Definitions of links stand behind every block, or a link could not find its own.
 */
export class BlockReader {
  #text = '';
  #pieces: readonly Piece[] = [];

  read(source: string): readonly string[] {
    const text = flattened(source);
    if (text !== this.#text) this.#pieces = this.#grown(text);
    this.#text = text;
    const definitions = this.#pieces.filter(({ type }) => type === 'def').map(({ raw }) => raw.trim());
    const suffix = definitions.length ? `\n\n${definitions.join('\n')}` : '';
    return this.#pieces.filter(({ type }) => type !== 'space' && type !== 'def').map(({ raw }) => raw + suffix);
  }

  /** What stands before the last block is over: nothing that follows can change it. */
  #grown(text: string): readonly Piece[] {
    // Line ends of other systems are rewritten: then the pieces' lengths are not those of the text. A formula
    // that is not closed yet takes blocks back when it is.
    if (text.includes('\r') || openMathAt(this.#text) < this.#text.length) return lex(text);
    const last = this.#pieces.findLastIndex(({ type }) => type !== 'space');
    if (last < 1 || !text.startsWith(this.#text)) return lex(text);
    const over = this.#pieces.slice(0, last);
    const begin = over.reduce((sum, { raw }) => sum + raw.length, 0);
    return [...over, ...lex(text.slice(begin))];
  }
}

export const blocksOf = (text: string): readonly string[] => new BlockReader().read(text);
