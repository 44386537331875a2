interface Page<Row> {
  count: number;
  next?: string | null;
  results: Row[];
}

const PAGES_AT_MOST = 25;

/** The rows of every page of a short list, in their order; at most 5,000. */
export const everyPage = async <Row>(read: (page: number) => Promise<Page<Row>>): Promise<readonly Row[]> => {
  const found: Row[] = [];
  for (let number = 1; number <= PAGES_AT_MOST; number += 1) {
    const page = await read(number);
    found.push(...page.results);
    if (!page.next) break;
  }
  return found;
};

export const LARGEST_PAGE = 200;
