#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { runBun } from './find-bun.js'

runBun([fileURLToPath(new URL('../kit/cli/main.ts', import.meta.url)), ...process.argv.slice(2)])
