/**
 * The host's clock, milliseconds since the epoch. A terminal has no clock of ours: it hands in its own `now` where it
 * knows better, and this serves otherwise.
 */
export const hostClock: () => number = Date.now;
