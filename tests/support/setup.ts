import './moduleFormats.js';
import 'reflect-metadata';
import { afterAll } from 'vitest';
import { ofFile } from './afterwards.js';

// This module is read anew before each file. Declared first, it is run last.
afterAll(() => ofFile.all());
