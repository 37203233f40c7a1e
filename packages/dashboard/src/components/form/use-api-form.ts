import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import {
  type DefaultValues,
  type FieldPath,
  type FieldValues,
  type UseFormReturn,
  useForm,
} from 'react-hook-form';
import type { z } from 'zod';
import { ApiError, messageOf } from '#lib/api/api-error.ts';

/** A form together with how it is sent. */
export interface ApiForm<V extends FieldValues> {
  readonly fields: UseFormReturn<V, unknown, V>;
  /** For the form element. */
  readonly submit: () => void;
  readonly busy: boolean;
  /** A refusal that is not about one of the fields. */
  readonly problem: string | null;
}

export interface ApiFormOptions<V extends FieldValues> {
  /** The server's own schema: what it refuses is shown before it is sent. */
  readonly schema: z.ZodType<unknown, V>;
  readonly values: DefaultValues<V>;
  /** Sends it. Refusals that name a field are shown there, others above the buttons. */
  readonly onSubmit: (values: V) => Promise<unknown>;
}

/** A form that is checked when a field is left, and from then on while it is typed. */
export function useApiForm<V extends FieldValues>({
  schema,
  values,
  onSubmit,
}: ApiFormOptions<V>): ApiForm<V> {
  const [problem, setProblem] = useState<string | null>(null);
  // Sent as it was typed: what the schema makes of it, such as dates, is the server's.
  const resolver = zodResolver(schema as z.ZodType<V, V>, undefined, { raw: true });
  const fields = useForm<V, unknown, V>({ resolver, defaultValues: values, mode: 'onTouched' });
  const send = fields.handleSubmit(async (sent) => {
    setProblem(null);
    try {
      await onSubmit(sent);
    } catch (error) {
      setProblem(showRefusal(fields, error));
    }
  });
  return { fields, problem, busy: fields.formState.isSubmitting, submit: () => void send() };
}

/** Puts a refusal where it belongs. Answers what is left to be said above the buttons. */
function showRefusal<V extends FieldValues>(
  fields: UseFormReturn<V, unknown, V>,
  error: unknown,
): string | null {
  const named = error instanceof ApiError ? error.fields : [];
  const known = fields.getValues();
  const shown = named.filter(({ field }) => Object.hasOwn(known, field.split('.')[0] ?? ''));
  shown.forEach(({ field, message }, at) => {
    fields.setError(field as FieldPath<V>, { type: 'server', message }, { shouldFocus: at === 0 });
  });
  return shown.length > 0 && shown.length === named.length ? null : messageOf(error);
}
