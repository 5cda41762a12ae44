import type { Field } from '../../reconciler/fields.ts';
import type { Builder } from '../builder.ts';
import type { Derived } from './derived.ts';
import { capital, isGraphqlName } from './names.ts';
import { scalarOf } from './output.ts';

interface InputTypes {
  builder: Builder;
  enums: Map<string, unknown>;
}

/** A GraphQL input type from a schema's fields. `base` names the output type beside it, whose enums it shares. */
export function inputType(types: InputTypes, input: { name: string; base: string; fields: readonly Field[] }) {
  const ref = types.builder.inputRef<Record<string, unknown>>(input.name);
  const fields = input.fields.filter((field) => isGraphqlName(field.name));
  ref.implement({
    fields: (t: Derived) =>
      Object.fromEntries(
        fields.map((field) => [
          field.name,
          t.field({ type: inputTypeOf(types, input, field), required: field.required, description: field.description }),
        ]),
      ),
  } as Derived);
  return ref;
}

function inputTypeOf(types: InputTypes, { name, base }: { name: string; base: string }, field: Field): Derived {
  const own = name.replace(/Input$/, `${capital(field.name)}Input`);
  const beside = `${base}${capital(field.name)}`;
  if (field.type === 'object' && field.children.length > 0)
    return inputType(types, { name: own, base: beside, fields: field.children });
  if (field.type === 'list') {
    const [item] = field.children;
    return item ? [inputTypeOf(types, { name, base }, { ...item, name: field.name })] : 'JSON';
  }
  return scalarOf(types, beside, field);
}
