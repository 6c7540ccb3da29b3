import { registerEnumType } from 'type-graphql';

/**
 * Publishes a closed set of stored words as an enumeration: `domesticViolence` is published as `DOMESTIC_VIOLENCE`.
 * @param words every stored word with the Japanese term that users see
 */
export function published<W extends string>(
  name: string,
  description: string,
  words: Readonly<Record<W, string>>,
): Record<string, W> {
  const entries = Object.entries(words) as [W, string][];
  const values = Object.fromEntries(entries.map(([word]) => [publishedName(word), word])) as Record<
    string,
    W
  >;
  const valuesConfig = Object.fromEntries(
    entries.map(([word, term]) => [publishedName(word), { description: term }]),
  );
  registerEnumType(values, { name, description, valuesConfig });
  return values;
}

/** The name under which a stored word is published. */
export function publishedName(word: string): string {
  return word.replaceAll(/([a-z0-9])([A-Z])/gu, '$1_$2').toUpperCase();
}
