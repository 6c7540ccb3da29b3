/** Names of the settings of one process. */
type Settings = Readonly<Record<string, { readonly name: string }>>;

/** The environment for a process, without what is set for others: that is none of its business. */
export function withoutSettings(
  environment: NodeJS.ProcessEnv,
  ...others: readonly Settings[]
): NodeJS.ProcessEnv {
  const names = new Set(others.flatMap((settings) => Object.values(settings).map(({ name }) => name)));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.has(name)));
}
