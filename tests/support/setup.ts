import './moduleFormats.js';
import 'reflect-metadata';
import { afterAll, inject } from 'vitest';
import { ofFile } from './afterwards.js';

// Hundreds of processes load the same modules: what was compiled for one serves the next. A worker that had begun with
// it itself would write at its end, for nobody, what it compiled.
process.env['NODE_COMPILE_CACHE'] = inject('compiled');

// This module is read anew before each file. Declared first, it is run last.
afterAll(() => ofFile.all());
