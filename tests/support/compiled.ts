/** Where the run keeps what Node compiled once, for processes that are given an environment of their own. */
export const COMPILED = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };
