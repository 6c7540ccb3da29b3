import { watch, type FSWatcher } from 'node:fs';

/**
 * Says that something may have changed in a folder: at once where the file system tells of it, otherwise when the time
 * of a poll has passed. It never says what: who waits looks for itself.
 */
export class Bell {
  readonly #watchers: readonly FSWatcher[];
  #waiting = new Set<() => void>();

  constructor(folders: readonly string[]) {
    this.#watchers = folders.flatMap((folder) => watched(folder, () => this.ring()));
  }

  /** Wakes everybody who waits. */
  ring(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /**
   * Listens from now on.
   * @returns a promise that is kept by the next ring, or after `pollMs`
   */
  next(pollMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, pollMs);
      this.#waiting.add(wake);
    });
  }

  /** Watches no more, and wakes everybody. */
  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.ring();
  }
}

/** A system that watches no more folders is polled. */
function watched(folder: string, ring: () => void): readonly FSWatcher[] {
  try {
    // Files that are being written are nobody's business yet, nor is what is written into them.
    const changed = (event: string, name: string | null) => {
      if (event === 'rename' && name?.startsWith('.') !== true) ring();
    };
    return [watch(folder, { persistent: false }, changed).on('error', ring)];
  } catch {
    return [];
  }
}
