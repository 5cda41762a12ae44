/**
 * The type of everything that is made from schemas at run time: fields, arguments, argument values. This is the one place where types
 * are switched off; what is derived is checked by the committed schema and by tests.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Derived = any;
