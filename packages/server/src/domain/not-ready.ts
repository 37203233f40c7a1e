/** Why a part cannot do its work now, in words that anybody may read. */
export class NotReady extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotReady';
  }
}
