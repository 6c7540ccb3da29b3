import type { z } from 'zod';
import { instantText, today } from '../kernel/clock.js';
import type { Session } from '../kernel/database/database.js';
import type { IsoDate } from '../kernel/dates.js';
import type { JsonObject } from '../kernel/token/json.js';
import type { VaultContext } from './context.js';
import { readEntry } from './entered.js';
import type { AdminHandler } from './http/admin.js';
import { loggedCommand, type OperatorLog } from './operatorLog.js';

type CommandContext = Pick<VaultContext, 'database' | 'audit' | 'clock' | 'clockGuard'>;

/** When something is entered. */
export interface EnteredAt {
  /** Day in Japan. */
  readonly day: IsoDate;
  /** ISO instant. */
  readonly instant: string;
}

/** What a command is called with beside its entry. */
export interface OperatorCall<Context> {
  readonly context: Context;
  readonly log: OperatorLog;
  readonly operator: string;
}

/** One command of an operator at the vault's host, whatever its form. */
export interface OperatorCommand<Context> {
  /** Of its entries in the log. */
  readonly coordinate: string;
  readonly run: (input: JsonObject, call: OperatorCall<Context>) => Promise<unknown>;
}

/** A command with its form. */
interface Written<Context, T> {
  readonly coordinate: string;
  readonly form: z.ZodType<T>;
  readonly work: (entry: T, call: OperatorCall<Context>) => Promise<unknown>;
}

/** The ways to write the commands of one area, and the handlers of them all. */
export interface OperatorCommands<Context> {
  readonly command: <T>(each: Written<Context, T>) => OperatorCommand<Context>;
  /** An entry that commits with its line in the log. */
  readonly entering: <T, R>(
    coordinate: string,
    form: z.ZodType<T>,
    enter: (tx: Session, entry: T, at: EnteredAt) => Promise<R>,
    reason: (entry: T, result: R) => string,
  ) => OperatorCommand<Context>;
  /** `<area>.<name>` for each command: under a trusted clock, every refusal an entry of the log. */
  readonly handlers: (
    context: Context,
    commands: Readonly<Record<string, OperatorCommand<Context>>>,
  ) => Readonly<Record<string, AdminHandler>>;
}

/** @param area what the names of its commands begin with */
export function operatorCommands<Context extends CommandContext>(area: string): OperatorCommands<Context> {
  const command = <T>({ coordinate, form, work }: Written<Context, T>): OperatorCommand<Context> => ({
    coordinate,
    run: (input, call) => work(readEntry(form, input), call),
  });
  return {
    command,
    entering: (coordinate, form, enter, reason) =>
      command({
        coordinate,
        form,
        work: (entry, { context: { database, clock }, log }) =>
          database.transaction(coordinate, async (tx) => {
            const result = await enter(tx, entry, { day: today(clock), instant: instantText(clock) });
            await log.with(tx, reason(entry, result));
            return result;
          }),
      }),
    handlers: (context, commands) =>
      Object.fromEntries(
        Object.entries(commands).map(([name, { coordinate, run }]) => {
          const handler: AdminHandler = (input, operator) =>
            loggedCommand(context, coordinate, operator, async (log) => {
              context.clockGuard.assertTrusted();
              return run(input, { context, log, operator });
            });
          return [`${area}.${name}`, handler];
        }),
      ),
  };
}
