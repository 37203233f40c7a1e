/** Names one flow, and with it all of its bytes: `<customer>.<number>`. */
export type Tag = string;

/** The tag of one flow of a customer. */
export function tagOf(customer: string, flow: number): Tag {
  return `${customer}.${flow}`;
}

/** Whose flow it is. */
export function customerOf(tag: Tag): string {
  return tag.slice(0, tag.indexOf('.'));
}
