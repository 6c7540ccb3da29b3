import { describe } from 'vitest';
import { conforms } from './suite.js';

describe('by files', () => {
  conforms('files');
});
