const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/;

/** The line that opened a block of code which is not closed at the end of the text; null: the end is no code. */
export const openFence = (text: string): string | null => {
  let open: { line: string; mark: string } | null = null;
  for (const line of text.split('\n')) {
    const found = FENCE.exec(line);
    if (!found) continue;
    const [, mark = '', rest = ''] = found;
    if (!open) open = { line, mark };
    else if (mark.startsWith(open.mark) && rest.trim() === '') open = null;
  }
  return open?.line ?? null;
};
