import type { StoredObject } from '../../reconciler/object.ts';

/**
 * Texts of objects, for one selection each. A text belongs to the very object that it was made of: an object that is shown to somebody with
 * something left out has the same uid and version, and another text.
 */
export interface Texts {
  get(object: StoredObject): string | undefined;
  put(object: StoredObject, text: string): void;
}

interface Entry {
  /** Weak, so that no object is kept for its text. */
  object: WeakRef<StoredObject>;
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
      get: (object) => {
        const { uid } = object.metadata;
        const known = young.get(selection)?.get(uid);
        if (known?.object.deref() === object) return known.text;
        const older = old.get(selection)?.get(uid);
        if (older?.object.deref() !== object) return undefined;
        keep(selection, uid, older);
        return older.text;
      },
      put: (object, text) => keep(selection, object.metadata.uid, { object: new WeakRef(object), text }),
    };
  };
}
