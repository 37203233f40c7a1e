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
  /** A refusal that is about none of the fields on the screen. */
  readonly problem: string | null;
  /** Names of the fields on the screen; each `Field` is in it while it is there. */
  readonly shown: Set<string>;
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
  const [shown] = useState(() => new Set<string>());
  // Sent as it was typed: what the schema makes of it, such as dates, is the server's.
  const resolver = zodResolver(schema as z.ZodType<V, V>, undefined, { raw: true });
  const fields = useForm<V, unknown, V>({ resolver, defaultValues: values, mode: 'onTouched' });
  const send = fields.handleSubmit(
    async (sent) => {
      setProblem(null);
      try {
        await onSubmit(sent);
      } catch (error) {
        setProblem(showRefusal(fields, shown, error));
      }
    },
    (errors) => setProblem(hiddenProblem(errors, shown)),
  );
  return { fields, problem, shown, busy: fields.formState.isSubmitting, submit: () => void send() };
}

/** Puts a refusal where it belongs. Answers what is left to be said above the buttons. */
function showRefusal<V extends FieldValues>(
  fields: UseFormReturn<V, unknown, V>,
  shown: ReadonlySet<string>,
  error: unknown,
): string | null {
  const named = error instanceof ApiError ? error.fields : [];
  const visible = named.flatMap(({ field, message }) => {
    const name = [...shown].find((each) => field === each || field.startsWith(`${each}.`));
    return name === undefined ? [] : [{ name: name as FieldPath<V>, message }];
  });
  visible.forEach(({ name, message }, at) => {
    fields.setError(name, { type: 'server', message }, { shouldFocus: at === 0 });
  });
  return visible.length > 0 && visible.length === named.length ? null : messageOf(error);
}

/** What the schema refuses although nobody can see or mend it: rather said than a button that does nothing. */
function hiddenProblem(errors: Record<string, unknown>, shown: ReadonlySet<string>): string | null {
  const hidden = Object.keys(errors).filter(
    (name) => ![...shown].some((each) => each.split('.')[0] === name),
  );
  return hidden.length === 0 ? null : `This form cannot be sent as it is: ${hidden.join(', ')}`;
}
