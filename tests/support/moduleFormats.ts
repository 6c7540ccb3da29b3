import { knowModuleFormats } from '../../src/cli/moduleFormat.js';

// Once for each worker, before anything of a large package is loaded: as processes of the product do.
knowModuleFormats();
