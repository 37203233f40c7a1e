import type { ApiErrorCode } from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import { clientNetwork } from '../domain/client-network.ts';
import { RepeatCounter } from '../domain/repeat-counter.ts';
import { type AuditActor, type AuditLog, actorOf } from './audit.ts';
import type { Caller } from './caller.ts';
import type { Attempt, RefusalLog } from './login-attempts.ts';
import type { Principal } from './permissions.ts';
import type { UserRecord, Users } from './users.ts';

/** Whoever could not sign in. */
const STRANGER: AuditActor = { type: 'anonymous', id: null, name: 'Not signed in' };
const WINDOW_MS = 10 * 60_000;
/**
 * What a window keeps apart. A person who signs in is never one too many; a flood of guesses from many addresses makes 242 entries
 * in ten minutes at most: 201 about people who exist, 41 about names that were made up.
 */
const SESSIONS = { oneByOne: 3, kinds: 10_000 };
const REFUSALS = { oneByOne: 1, kinds: 100 };
const UNKNOWN_USERS = { oneByOne: 1, kinds: 20 };
const USER_AGENT_LENGTH = 200;

type Action = 'session.begin' | 'session.end' | 'session.refuse' | 'session.block';

/** What the log calls a refusal. Others, such as that of a login that lacks its code, are steps on the way. */
const REFUSED: Partial<Readonly<Record<ApiErrorCode, { readonly action: Action; readonly reason: string }>>> =
  {
    invalid_credentials: { action: 'session.refuse', reason: 'wrong password' },
    invalid_two_factor_code: { action: 'session.refuse', reason: 'wrong second factor' },
    account_disabled: { action: 'session.refuse', reason: 'account disabled' },
    rate_limited: { action: 'session.block', reason: 'too many failures' },
  };

interface Event {
  readonly action: Action;
  readonly actor: AuditActor;
  /** `null` for a name that is nobody's: it is not kept, as it may be a password in the wrong field. */
  readonly user: Pick<UserRecord, 'id' | 'email' | 'organizationId'> | null;
  /** `null` for many. */
  readonly address: string | null;
  readonly userAgent?: string | undefined;
  readonly reason?: string | undefined;
}

export interface SignInLogOptions {
  readonly auditLog: Pick<AuditLog, 'record'>;
  readonly users: Pick<Users, 'findByEmail' | 'defaultOrganizationId'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Who signed in and out, and who could not, in the audit log. Whatever happens again and again (of one person, from one network) is
 * counted after the first times and becomes one entry every ten minutes: no flood of guesses fills the database.
 */
export class SignInLog implements RefusalLog {
  readonly #options: SignInLogOptions;
  readonly #sessions: RepeatCounter<Event>;
  readonly #refusals: RepeatCounter<Event>;
  readonly #unknownUsers: RepeatCounter<Event>;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: SignInLogOptions) {
    this.#options = options;
    const counter = (limits: typeof SESSIONS, action: Action) =>
      new RepeatCounter<Event>({
        ...{ ...limits, windowMs: WINDOW_MS, clock: options.clock },
        onHeldBack: (last, times) =>
          this.#inBackground(
            this.#write(last ?? { action, actor: STRANGER, user: null, address: null }, times),
          ),
      });
    this.#sessions = counter(SESSIONS, 'session.begin');
    this.#refusals = counter(REFUSALS, 'session.refuse');
    this.#unknownUsers = counter(UNKNOWN_USERS, 'session.refuse');
  }

  /** Somebody has signed in. */
  async begun(principal: Principal, caller: Caller): Promise<void> {
    await this.#noteSession('session.begin', principal, caller);
  }

  /** Somebody has ended a session of theirs. */
  async ended(principal: Principal, caller: Caller): Promise<void> {
    await this.#noteSession('session.end', principal, caller);
  }

  /** Takes no time of whoever was refused: how long that takes must not tell whether there is such a user. */
  refused(attempt: Attempt, code: ApiErrorCode): void {
    const refusal = REFUSED[code];
    if (refusal) this.#inBackground(this.#noteRefusal(attempt, refusal));
  }

  /** Writes what was counted; resolves when everything is written. */
  async stop(): Promise<void> {
    // What is under way may still be counted.
    await Promise.all(this.#pending);
    for (const counter of [this.#sessions, this.#refusals, this.#unknownUsers]) counter.endWindow();
    await Promise.all(this.#pending);
  }

  async #noteSession(action: Action, principal: Principal, caller: Caller): Promise<void> {
    const { userId: id, email, organizationId } = principal;
    const actor = actorOf(principal);
    const user = { id, email, organizationId };
    await this.#note(this.#sessions, { action, actor, user, ...cameFrom(caller) });
  }

  async #noteRefusal({ email, caller, principal }: Attempt, refusal: { action: Action; reason: string }) {
    const user = await this.#options.users.findByEmail(email);
    const counter = user ? this.#refusals : this.#unknownUsers;
    const reason = user || refusal.action === 'session.block' ? refusal.reason : 'unknown user';
    const actor = principal ? actorOf(principal) : STRANGER;
    await this.#note(counter, { ...refusal, reason, actor, user, ...cameFrom(caller) });
  }

  async #note(counter: RepeatCounter<Event>, event: Event): Promise<void> {
    const { action, reason, user, address } = event;
    const kind = JSON.stringify([action, reason, user?.id, clientNetwork(address ?? '')]);
    if (counter.note(kind, event)) await this.#write(event, 1);
  }

  async #write({ action, actor, user, address, userAgent, reason }: Event, times: number): Promise<void> {
    const { auditLog, users } = this.#options;
    const after = {
      ...(user && { email: user.email }),
      ...(reason !== undefined && { reason }),
      ...(userAgent !== undefined && { userAgent }),
      ...(times > 1 && { times }),
      ...(address === null && { addresses: 'many' }),
    };
    const organizationId = user?.organizationId ?? (await users.defaultOrganizationId());
    const target = { targetType: 'session', targetId: user?.id ?? null, organizationId };
    await auditLog.record([{ action, actor, address, ...target, before: null, after }]);
  }

  #inBackground(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'the audit log lacks a sign-in'))
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}

function cameFrom({ address, userAgent }: Caller) {
  return { address, userAgent: userAgent?.slice(0, USER_AGENT_LENGTH) };
}
