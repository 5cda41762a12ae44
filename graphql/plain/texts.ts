/** Texts of objects at a version, for one selection each. */
export interface Texts {
  get(uid: string, version: string): string | undefined;
  put(uid: string, version: string, text: string): void;
}

interface Entry {
  version: string;
  text: string;
}

type Generation = Map<number, Map<string, Entry>>;

/** What an entry costs beside its characters. */
const ENTRY_CHARACTERS = 200;

/**
 * All selections share one bound of characters. Two generations: what is asked for moves to the young one; when that is half of the bound,
 * the old one goes as a whole.
 */
export function createTexts(charactersMax: number): () => Texts {
  let young: Generation = new Map();
  let old: Generation = new Map();
  let used = 0;
  let selections = 0;
  const keep = (selection: number, uid: string, entry: Entry) => {
    if (used >= charactersMax / 2) {
      old = young;
      young = new Map();
      used = 0;
    }
    const entries = young.get(selection) ?? new Map<string, Entry>();
    young.set(selection, entries.set(uid, entry));
    used += entry.text.length + ENTRY_CHARACTERS;
  };
  return () => {
    const selection = selections++;
    return {
      get: (uid, version) => {
        const known = young.get(selection)?.get(uid);
        if (known?.version === version) return known.text;
        const older = old.get(selection)?.get(uid);
        if (older?.version !== version) return undefined;
        keep(selection, uid, older);
        return older.text;
      },
      put: (uid, version, text) => keep(selection, uid, { version, text }),
    };
  };
}
