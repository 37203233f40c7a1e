/** A line in which groups take turns, however many of one group stand in it. Within a group, who came first goes first. */
export class TurnLine<T> {
  /** In the order of their turns. None is empty. */
  readonly #groups = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(group: string, item: T): void {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members);
    if (members.has(item)) return;
    members.add(item);
    this.#size += 1;
  }

  /** One that does not stand in it is ignored. */
  delete(group: string, item: T): void {
    const members = this.#groups.get(group);
    if (!members?.delete(item)) return;
    this.#size -= 1;
    if (members.size === 0) this.#groups.delete(group);
  }

  /** Takes out whose turn it is. */
  shift(): T | undefined {
    const next = this.#groups.entries().next().value;
    if (!next) return undefined;
    const [group, members] = next;
    const [item] = members;
    // To the end, behind the groups that wait for their turn.
    this.#groups.delete(group);
    this.#groups.set(group, members);
    this.delete(group, item!);
    return item;
  }

  /** The group that has most, in the order in which its members came. */
  largest(): readonly T[] {
    let largest: ReadonlySet<T> = new Set();
    for (const members of this.#groups.values()) if (members.size > largest.size) largest = members;
    return [...largest];
  }
}
