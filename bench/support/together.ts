/** Writes what comes together at once, one write at a time: who adds, waits until it is written. */
export class Together<Row> {
  readonly #write: (rows: readonly Row[]) => Promise<unknown>;
  #waiting: { readonly row: Row; readonly done: () => void; readonly failed: (error: unknown) => void }[] =
    [];
  #writing = false;

  constructor(write: (rows: readonly Row[]) => Promise<unknown>) {
    this.#write = write;
  }

  add(row: Row): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ row, done, failed });
      // At the end of the turn, so that all who add within it are one write.
      if (!this.#writing) setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(taken.map(({ row }) => row));
        for (const { done } of taken) done();
      } catch (error) {
        for (const { failed } of taken) failed(error);
      }
    }
    this.#writing = false;
  }
}
