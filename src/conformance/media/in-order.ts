/**
 * Does `work` for all items, at most `parallel` at a time, and hands over results in the order of the items: what is
 * under way ahead of that waits. Rejects with the first error, in that order.
 */
export async function inOrder<Item, Result>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item) => Promise<Result>,
  take: (result: Result, item: Item, index: number) => void | Promise<void>,
): Promise<void> {
  const ahead = new Map<number, Promise<Result>>();
  const start = (index: number): void => {
    const item = items[index];
    if (item === undefined) return;
    const result = work(item);
    // An error is dealt with when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined);
    ahead.set(index, result);
  };
  for (let index = 0; index < Math.min(parallel, items.length); index += 1) start(index);
  for (const [index, item] of items.entries()) {
    const result = await ahead.get(index)!;
    ahead.delete(index);
    start(index + parallel);
    await take(result, item, index);
  }
}
