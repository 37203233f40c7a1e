import { ApiError, hasCode, refusalOf } from './api-error.ts';
import type { Deletes, Files, Page, Patches, Posts, Reads } from './routes.ts';
import { type Session, session } from './session.ts';

type QueryOf<R> = R extends { query: infer Q } ? Q : never;
type BodyOf<R> = R extends { body: infer B } ? B : undefined;
type AnswerOf<R> = R extends { answer: infer A } ? A : never;
/** An id in the path is asked for when the path has one. */
type IdOf<P extends string> = P extends `${string}:id${string}` ? { id: string } : { id?: never };

interface Call {
  readonly method: string;
  readonly path: string;
  readonly id?: string | undefined;
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Pages are read in steps of the largest size that the API allows. */
const PAGE_SIZE = 500;

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Typed calls to the API. Every call throws an `ApiError` when it is refused or gets no answer. */
export class ApiClient {
  readonly #session: Pick<Session, 'token' | 'renew'>;
  readonly #fetch: Fetch;
  readonly #newId: () => string;

  constructor(
    session: Pick<Session, 'token' | 'renew'>,
    fetch: Fetch = (input, init) => globalThis.fetch(input, init),
    newId: () => string = uniqueId,
  ) {
    this.#session = session;
    this.#fetch = fetch;
    this.#newId = newId;
  }

  /** Reads one thing or one page. */
  async get<P extends keyof Reads>(
    path: P,
    options: IdOf<P> & { query?: QueryOf<Reads[P]>; signal?: AbortSignal } = {} as never,
  ): Promise<AnswerOf<Reads[P]>> {
    return await this.#json({ method: 'GET', path, ...options });
  }

  /** Reads a whole list, page after page. */
  async all<P extends keyof Reads>(
    path: AnswerOf<Reads[P]> extends Page<unknown> ? P : never,
    options: IdOf<P> & { query?: QueryOf<Reads[P]>; signal?: AbortSignal } = {} as never,
  ): Promise<ItemOf<P>[]> {
    const items: ItemOf<P>[] = [];
    let cursor: string | null = null;
    do {
      const query: object = { limit: PAGE_SIZE, ...(cursor !== null && { cursor }), ...options.query };
      const page: Page<ItemOf<P>> = await this.#json({ method: 'GET', path, ...options, query });
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }

  /** Makes or does something. A repetition after a lost answer makes nothing twice. */
  async post<P extends keyof Posts>(
    path: P,
    options: IdOf<P> &
      (Posts[P] extends { body: unknown } ? { body: BodyOf<Posts[P]> } : { body?: never }) & {
        query?: QueryOf<Posts[P]>;
        /** The same for all tries of one form, so that a second press makes nothing twice. */
        idempotencyKey?: string;
      },
  ): Promise<AnswerOf<Posts[P]>> {
    const { idempotencyKey = this.#newId(), ...call } = options;
    return await this.#json({
      method: 'POST',
      path,
      ...call,
      headers: { 'idempotency-key': idempotencyKey },
    });
  }

  /** Changes something; with `version` only if nobody has changed it meanwhile (`precondition_failed`). */
  async patch<P extends keyof Patches>(
    path: P,
    { version, ...call }: IdOf<P> & { body: Patches[P]['body']; version?: number },
  ): Promise<Patches[P]['answer']> {
    const headers: Record<string, string> = version === undefined ? {} : { 'if-match': `"${version}"` };
    return await this.#json({ method: 'PATCH', path, ...call, headers });
  }

  /** Ends something. */
  async delete(path: Deletes, { id }: { id: string }): Promise<void> {
    await this.#send({ method: 'DELETE', path, id });
  }

  /** Reads something as a file. */
  async file(path: Files, options: { id: string; query?: object }): Promise<Blob> {
    return await (await this.#send({ method: 'GET', path, ...options })).blob();
  }

  async #json<T>(call: Call): Promise<T> {
    const answer = await this.#send(call);
    const text = await answer.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async #send(call: Call): Promise<Response> {
    try {
      return await this.#once(call, await this.#session.token());
    } catch (error) {
      // The server may have taken the token back before its time.
      if (!hasCode(error, 'unauthenticated') || error.status === 0) throw error;
      return await this.#once(call, (await this.#session.renew()).token);
    }
  }

  async #once({ method, path, id, query, body, headers, signal }: Call, token: string): Promise<Response> {
    const init: RequestInit = { method, headers: { ...headers, authorization: `Bearer ${token}` } };
    if (signal) init.signal = signal;
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, 'content-type': 'application/json' };
    }
    const answer = await this.#fetch(urlOf(path, id, query), init).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new ApiError('unreachable', 'The server cannot be reached. Check the network, then try again.');
    });
    if (!answer.ok) throw await refusalOf(answer);
    return answer;
  }
}

type ItemOf<P extends keyof Reads> = AnswerOf<Reads[P]> extends Page<infer T> ? T : never;

function urlOf(path: string, id: string | undefined, query: object | undefined): string {
  const named = path.replace(':id', encodeURIComponent(id ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  return `/api/v1${named}${search.size > 0 ? `?${search}` : ''}`;
}

/** `crypto.randomUUID` exists on HTTPS and localhost only. */
function uniqueId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The API as whoever is signed in on this page. */
export const api = new ApiClient(session);
