import { quoted } from './text.js';

/** Distinct lists of subjects in order of first use; the same array is recognised without being written again. */
export class SubjectLists {
  /** The lists as canonical JSON. */
  readonly texts: string[] = [];
  /** The one list of nearly every record; the map is made for the second. */
  #only: readonly string[] | undefined;
  #places: Map<readonly string[] | string, number> | undefined;

  /** @returns the list's place, from 0; undefined for the empty list, which is not written */
  placeOf(list: readonly string[]): number | undefined {
    if (list.length === 0) return undefined;
    if (list === this.#only) return 0;
    const known = this.#places?.get(list);
    if (known !== undefined) return known;
    const text = `[${list.map(quoted).join(',')}]`;
    if (this.#only === undefined) {
      this.#only = list;
      this.texts.push(text);
      return 0;
    }
    this.#places ??= new Map<readonly string[] | string, number>([[this.texts[0] as string, 0]]);
    const place = this.#places.get(text) ?? this.texts.push(text) - 1;
    this.#places.set(text, place).set(list, place);
    return place;
  }
}
