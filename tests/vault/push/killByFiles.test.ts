import { killedTwice } from './support/killing.js';

await killedTwice(true);
