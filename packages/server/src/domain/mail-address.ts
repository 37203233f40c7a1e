/** Whom a mail is from. */
export interface MailAddress {
  /** Empty when there is none. */
  readonly name: string;
  readonly address: string;
}
