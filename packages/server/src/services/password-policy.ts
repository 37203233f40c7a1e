import { ServiceError } from './service-error.ts';

/** Bounds of passwords that people choose, in characters. */
export const PASSWORD_LENGTH = { min: 10, max: 128 } as const;

/** Of zxcvbn's 0 to 4: below it, a password is among the first million that an attacker tries. */
const LOWEST_SCORE = 2;

/**
 * The estimator's work grows faster than what it looks at, and it runs on the loop that carries traffic: with these
 * bounds it takes some 20 ms at worst. What begins with characters that cannot be guessed, cannot be guessed.
 */
const LOOKED_AT = 40;
const LEET_SPELLINGS = 20;

/** Who the password is for: what is known of a person is the first that is guessed. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

type Check = (password: string, known: string[]) => { readonly score: number };

let estimator: Promise<Check> | null = null;

/** Loaded when the first password is chosen: the dictionaries take 60 ms of a start that rarely needs them. */
async function loadEstimator(): Promise<Check> {
  const [{ ZxcvbnFactory }, common] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const factory = new ZxcvbnFactory({
    ...{ dictionary: common.dictionary, graphs: common.adjacencyGraphs },
    l33tMaxSubstitutions: LEET_SPELLINGS,
  });
  return (password, known) => factory.check(password, known);
}

/**
 * Refuses passwords that are too short, common, made of repetitions and sequences, or of what is known of their owner.
 * No rule asks for digits or signs, and none expires (NIST SP 800-63B, section 3.1.1.2).
 * @param field of the request that is to blame, e.g. `password`
 * @throws {ServiceError} `validation_failed`
 */
export async function requireGoodPassword(
  password: string,
  { email, name }: PasswordOwner,
  field = 'password',
): Promise<void> {
  const { min, max } = PASSWORD_LENGTH;
  if (password.length < min || password.length > max) {
    throw refusal(field, `Expected ${min} to ${max} characters`);
  }
  estimator ??= loadEstimator();
  const check = await estimator;
  const [mailbox = ''] = email.split('@');
  if (check(password.slice(0, LOOKED_AT), ['pocketproxy', email, mailbox, name]).score >= LOWEST_SCORE)
    return;
  throw refusal(field, 'Too easy to guess; a few unrelated words make a good password');
}

function refusal(field: string, message: string): ServiceError {
  const fields = [{ field: `body.${field}`, message }];
  return new ServiceError('validation_failed', `${field}: ${message}`, { fields });
}
