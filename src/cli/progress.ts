import { SingleBar } from 'cli-progress';

/** How far something is, in steps of a phase. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** Where progress is shown. */
export interface ProgressView {
  readonly report: (progress: Progress) => void;
  readonly stop: () => void;
}

/** A bar where a person watches; elsewhere one line per phase, which a log can keep. */
export function startProgress(out: NodeJS.WriteStream, titleOf: (phase: string) => string): ProgressView {
  let phase: string | undefined;
  if (!out.isTTY) {
    return {
      report: (progress) => {
        if (progress.phase !== phase) writeLines(out, [titleOf(progress.phase)]);
        phase = progress.phase;
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({
    stream: out,
    format: '{phase} [{bar}] {percentage}% {value}/{total}',
    hideCursor: true,
  });
  return {
    report: (progress) => {
      if (progress.phase !== phase) {
        if (phase !== undefined) bar.stop();
        bar.start(progress.total, progress.done, { phase: titleOf(progress.phase) });
      }
      phase = progress.phase;
      bar.update(progress.done);
    },
    stop: () => bar.stop(),
  };
}

/** Writes lines for people and scripts. */
export function writeLines(out: NodeJS.WriteStream, lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`);
}
