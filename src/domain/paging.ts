/** A page of a list: at most `limit` rows behind the one that `after` names, in the order of the list; without it, from its begin. */
export interface Page<Key> {
  limit: number;
  after?: Key | undefined;
}

/** Every row of a list, page by page of `limit` rows, so that a list of any length costs one page of memory. Rejects as `read` does. */
export async function* everyRow<Row>(
  read: (page: Page<Row>) => Promise<readonly Row[]>,
  limit = 500,
): AsyncGenerator<Row> {
  for (let after: Row | undefined; ;) {
    const rows = await read({ limit, after });
    yield* rows;
    after = rows.at(-1);
    if (rows.length < limit) return;
  }
}
