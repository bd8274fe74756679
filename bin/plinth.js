#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { runBun } from './find-bun.js'

const main = fileURLToPath(new URL('../kit/cli/main.ts', import.meta.url))

// Without --no-install Bun fetches and runs whatever is imported where there is no node_modules folder.
runBun(['--no-install', main, ...process.argv.slice(2)])
