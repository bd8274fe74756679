import { escapeHtml } from '../html/html.ts'
import { publicPaths } from '../public-routes.ts'

/** The page that shows the API's document. Nothing in it is run from within: its policy forbids that. */
export function toDocsHtml(name: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)} API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="docs"></div>
<script src="${publicPaths.docsScript}"></script>
<script src="${publicPaths.docsStart}"></script>
</body>
</html>
`
}

/** Everything that would ask another server is switched off. */
const settings = Object.freeze({
  url: publicPaths.openApi,
  proxyUrl: '',
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  authentication: { preferredSecurityScheme: 'bearer' },
  agent: { disabled: true },
  mcp: { disabled: true },
  externalUrls: { dashboardUrl: '', registryUrl: '', proxyUrl: '', apiBaseUrl: '' },
})

export function toStartScript(): string {
  return `Scalar.createApiReference('#docs', ${JSON.stringify(settings)})\n`
}
