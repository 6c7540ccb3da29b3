export * from './basis.js';
export * from './evidence.js';
export * from './key.js';
export * from './number.js';
export * from './operation.js';
export * from './retention.js';
export * from './staff.js';
export * from './tables.js';
