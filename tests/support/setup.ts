import './moduleFormats.js';
import 'reflect-metadata';
