import type postgres from 'postgres';

/** What has more is written with as many rows as there happen to be: another statement each time. */
const MAX_PARAMETERS = 32;

/**
 * The driver gives a connection further statements while it still waits for an answer, unless this says no. One that
 * waits for a lock would hold up whoever came to stand behind it.
 */
const ONE_AT_A_TIME = { onexecute: () => false };

/**
 * Lets the query builder's statements be prepared: each connection has the server parse a statement once, and from
 * then on sends its values in one round trip instead of two. Changes the client that it is given.
 */
export function preparing(client: postgres.Sql): postgres.Sql {
  prepare(client);
  const { begin } = client;
  const prepared = (work: Work) => (transaction: postgres.TransactionSql) => {
    prepare(transaction);
    return work(transaction);
  };
  client.begin = ((work: Work) => begin(prepared(work))) as typeof begin;
  return client;
}

type Work = (transaction: postgres.TransactionSql) => Promise<unknown>;

function prepare(client: postgres.ISql): void {
  const { unsafe } = client;
  const preparingUnsafe = <T extends unknown[]>(
    text: string,
    values: Parameters<typeof unsafe>[1] = [],
    options: postgres.UnsafeQueryOptions = {},
  ) => {
    if (values.length === 0 || values.length > MAX_PARAMETERS) return unsafe<T>(text, values, options);
    const query = unsafe<T>(text, values, { ...ONE_AT_A_TIME, ...options, prepare: true });
    return Object.assign(query, { values: takingRows(query.values.bind(query)) });
  };
  Object.assign(client, { unsafe: preparingUnsafe });
}

/**
 * Each query of the driver has two functions that hold it, and V8 puts a function that is assigned to a property among old
 * objects at once. They would keep the query's answer until the whole heap is collected, and each small collection would
 * copy its rows and make them old too, which takes ten times as long.
 */
function takingRows<Row>(answer: () => Promise<Row[]>): () => Promise<Row[]> {
  return async () => {
    const rows = await answer();
    return rows.splice(0);
  };
}
