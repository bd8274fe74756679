#!/usr/bin/env node
const { runBun } = require('./find-bun.js')

runBun(process.argv.slice(2))
