import ReactMarkdown from 'react-markdown';
import rehypeKatex, { type Options } from 'rehype-katex';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';

import { COMPONENTS } from './elements';

import 'katex/dist/katex.min.css';

const PARSERS: [typeof remarkGfm, [typeof remarkMath, { singleDollarTextMath: boolean }]] = [
  remarkGfm, [remarkMath, { singleDollarTextMath: false }],
];
/** What a model writes is hostile here too: no links or pictures (`trust`), nothing larger than the page, no endless macros. */
const FORMULAS: Options = { trust: false, strict: 'ignore', maxSize: 20, maxExpand: 200, errorColor: 'currentColor' };
const RENDERERS: [[typeof rehypeKatex, Options]] = [[rehypeKatex, FORMULAS]];

/** A block with formulas, which screen readers get as MathML. */
export const MathBlock = ({ text }: { text: string }) => (
  <ReactMarkdown components={COMPONENTS} remarkPlugins={PARSERS} rehypePlugins={RENDERERS}>
    {text}
  </ReactMarkdown>
);
