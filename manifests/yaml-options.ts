import type { DocumentOptions, ParseOptions, SchemaOptions } from 'yaml';

/** YAML 1.2 (`no` is a word, `010` is ten), merge keys, and every key once. */
export const YAML_OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.2',
  merge: true,
  uniqueKeys: true,
  prettyErrors: false,
  strict: true,
};

/** As above, for texts of anybody: looking for repeated keys is left to `examine`, which takes no longer for many keys. */
export const PARSE_OPTIONS = { ...YAML_OPTIONS, uniqueKeys: false };

/** Sizes beyond which a text is refused instead of read. */
export interface Limits {
  fileBytes: number;
  documentBytes: number;
  /** Aliases in one document: the parser looks through all that stands before for each. */
  aliases: number;
  /** Values in one document once its aliases are expanded. */
  documentValues: number;
  /** Characters of text in one document once its aliases are expanded. */
  documentCharacters: number;
  depth: number;
  documents: number;
  /** Errors listed; the rest is counted. */
  issues: number;
}

export const LIMITS: Limits = {
  fileBytes: 64 * 1024 * 1024,
  documentBytes: 128 * 1024,
  aliases: 2_000,
  documentValues: 100_000,
  documentCharacters: 4 * 1024 * 1024,
  depth: 64,
  documents: 100_000,
  issues: 1000,
};
