import { isStorable } from '@pocketproxy/protocol';
import { ServiceError } from '../services/service-error.ts';
import type { Api } from './api.ts';

/** A member of a request, and what it is a member of. */
interface Place {
  readonly value: unknown;
  readonly name: string;
  readonly within: Place | null;
}

/**
 * Refuses requests with a text that JSON or a URL can spell and the database cannot keep, by the field that holds it.
 * Must be called before routes are declared.
 */
export function refuseUnstorableText(app: Api): void {
  app.addHook('preValidation', async ({ params, query, body }) => {
    const found = unstorable(Object.entries({ params, querystring: query, body }));
    if (found === null) return;
    const [field, message] = [pathOf(found), 'Expected text without zero bytes and halves of characters'];
    throw new ServiceError('validation_failed', `${field}: ${message}`, { fields: [{ field, message }] });
  });
}

/** Without recursion: how deep a body is nested is up to who sends it. */
function unstorable(members: readonly (readonly [string, unknown])[]): Place | null {
  const waiting: Place[] = members.map(([name, value]) => ({ name, value, within: null }));
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value } = place;
    if (typeof value === 'string' && !isStorable(value)) return place;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) waiting.push({ name, value: member, within: place });
  }
  return null;
}

function pathOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | null = place; at !== null; at = at.within) names.push(at.name);
  return names.reverse().join('.');
}
