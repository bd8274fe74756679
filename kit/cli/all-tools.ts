import { createPublicTool, type HttpTool } from '#kit/http'
import type { App } from '#kit/tool'

/** Whose routes a server of this app answers: those of the kit itself, and those of the tools. */
export function allToolsOf(app: App): readonly HttpTool[] {
  return [createPublicTool(app, async () => {}), ...app.tools]
}
