/** A text as a quotation in Markdown, with room for what is said about it. */
export const quoted = (text: string): string =>
  `${text.trim().split(/\r?\n/).map((line) => `> ${line}`.trimEnd()).join('\n')}\n\n`;

/** Behind what is written already, on lines of its own. */
export const withQuote = (draft: string, text: string): string =>
  draft.trim() === '' ? quoted(text) : `${draft.trimEnd()}\n\n${quoted(text)}`;

/** What is selected inside an element; null: nothing, or something that reaches out of it. */
export const selectionIn = (element: Element | null): string | null => {
  const selection = window.getSelection();
  if (!element || !selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const text = selection.toString().trim();
  return text && element.contains(selection.getRangeAt(0).commonAncestorContainer) ? text : null;
};
