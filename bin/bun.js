#!/usr/bin/env node
import { runBun } from './find-bun.js'

runBun(process.argv.slice(2))
