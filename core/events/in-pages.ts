/** What is asked about together where the index does not tell enough: as many as one request takes. */
const PAGE = 100;

/** Rows in pages of a hundred, or of so many, in their order. */
export async function* inPages<Row>(rows: AsyncIterable<Row>, size = PAGE): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
