#!/usr/bin/env node
import { quickenImports } from './cli/quick-imports.ts';

quickenImports();
const { createProgram } = await import('./cli/program.ts');
await createProgram().parseAsync();
