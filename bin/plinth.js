#!/usr/bin/env node
const { existsSync } = require('node:fs')
const { join } = require('node:path')
const { runBun } = require('./find-bun.js')

const root = join(__dirname, '..')

/** The bundle of the app that is meant, where `plinth build` made one: it runs the sources where it is older. */
function main() {
  const built = join('dist', 'plinth.js')
  if (existsSync(built)) return built
  const shipped = join(root, built)
  // Without an app.ts here the app is the one that Plinth ships with.
  if (!existsSync('app.ts') && existsSync(shipped)) return shipped
  return join(root, 'kit/cli/main.ts')
}

// Without --no-install Bun fetches and runs whatever is imported where there is no node_modules folder.
runBun(['--no-install', main(), ...process.argv.slice(2)])
