export { type AppFault, checkApp, formatAppFault } from './check-app.ts'
export { type App, type AppSpec, createApp } from './create-app.ts'
export {
  type Command,
  type CommandCall,
  type CommandSpec,
  type CommandTable,
  defineCommand,
  type Io,
  isUsageFault,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
  type OwnProcess,
  type StopSignal,
  usageFault,
} from './define-command.ts'
export { type ActorNamed, defineTool, type Tool, type ToolSpec } from './define-tool.ts'
export type { Demo, DemoSend, DemoStep, Stage } from './demo.ts'
export { loadConfig } from './load-config.ts'
export { toMigrationSets } from './migrate-at-start.ts'
export { type OpenApp, type OpenAppOptions, openApp } from './open-app.ts'
export { plinthTool } from './plinth-tool.ts'
export { type DemoOptions, type DemoReport, runDemo } from './run-demo.ts'
export { runSeeds, type Seed, type SeedCall, type SeedReport } from './seed.ts'
export { StartError } from './start-error.ts'
export { type RunningServer, type StartOptions, startServer } from './start-server.ts'
export {
  type RunningWorkers,
  startWorkers,
  type WorkersOptions,
} from './workers/start-workers.ts'
