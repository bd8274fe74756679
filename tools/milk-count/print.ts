import { fromInstant } from '#kit/core'
import { type Html, html, type PrintedPage, type PrintScene } from '#kit/http'
import { type Category, type Phase, phases } from './phases.ts'
import type { SummaryLine } from './summary.ts'
import type { ShownSummary } from './views.ts'

const groups: readonly (readonly [Category, string])[] = [
  ['dairy', 'Dairy'],
  ['non_dairy', 'Non-dairy'],
]

const steps: Readonly<Record<Phase, string>> = {
  night_foh: 'Night, front',
  night_boh: 'Night, back',
  morning: 'Morning',
  on_order: 'On order',
}

const columns = [
  ['FOH', 'foh'],
  ['BOH', 'boh'],
  ['Delivered', 'delivered'],
  ['On order', 'on_order'],
  ['Total', 'total'],
  ['Par', 'par'],
  ['Order', 'order'],
] as const

/** The page of a summary, like the paper log: one sheet, A4 or Letter. */
export function toSummaryPage(shown: ShownSummary, scene: PrintScene): PrintedPage {
  const date = dayOf(shown.session['session_date'] ?? '')
  return {
    title: `Milk count, ${date}`,
    style: styleOf(shown.summary.length),
    body: html`<h1>Milk count</h1>
<p class="day">${date}</p>
<table class="steps"><tbody>${phases.map((phase) => stepRow(phase, shown.session, scene))}</tbody></table>
<table class="milk">
<thead><tr><th>Milk</th>${columns.map(([title]) => html`<th>${title}</th>`)}</tr></thead>
${groups.map(([category, title]) =>
  group(
    title,
    shown.summary.filter((line) => line.category === category),
  ),
)}
<tfoot>${totalRow(shown)}</tfoot>
</table>
<p class="sign"><span>Signed</span><span>Date</span></p>`,
  }
}

function stepRow(phase: Phase, session: ShownSummary['session'], scene: PrintScene): Html {
  const at = session[`${phase}_saved_at`] ?? null
  const who = at === null ? 'not saved' : (session[`${phase}_by_name`] ?? 'unknown')
  return html`<tr><th>${steps[phase]}</th><td>${who}</td><td>${at === null ? '' : timeOf(at, scene)}</td></tr>`
}

function group(title: string, lines: readonly SummaryLine[]): Html {
  if (lines.length === 0) return html``
  return html`<tbody>
<tr class="group"><th colspan="8">${title}</th></tr>
${lines.map((line) => html`<tr><th>${line.milk_type}</th>${columns.map(([, member]) => cell(line[member]))}</tr>\n`)}</tbody>`
}

function totalRow({ totals }: ShownSummary): Html {
  const { total_foh, total_boh, total_delivered, total_on_order } = totals
  const { total_inventory, total_par, total_order } = totals
  const cells = [total_foh, total_boh, total_delivered, total_on_order, total_inventory, total_par]
  return html`<tr><th>Total</th>${[...cells, total_order].map(cell)}</tr>`
}

function cell(value: number | null): Html {
  return html`<td>${value ?? '–'}</td>`
}

/** `Monday, 12 January 2026`. */
function dayOf(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' }).format(
    Date.parse(`${date}T00:00:00Z`),
  )
}

/** As the shop's clock said: `12 Jan 2026, 21:04`. */
function timeOf(instant: string, { timeZone }: PrintScene): string {
  return new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  }).format(fromInstant(instant))
}

/** What rows may take of the height of a sheet: Letter, the lower one, without its margins, heading and signature. */
const heightMm = 165
const usualRowMm = 7

/** So many milks leave room for names of two lines. */
const fewLines = 20

/** Of many milks the rows are lower, so that it stays one sheet. */
function styleOf(lines: number): string {
  const row = Math.min(usualRowMm, heightMm / (lines + 4))
  const text = Math.min(3.9, row * 0.62)
  const names = lines > fewLines ? 'nowrap' : 'normal'
  const mm = (value: number) => `${value.toFixed(2)}mm`
  return `
@page { size: auto; margin: 12mm 14mm }
html { font: 3.9mm/1.3 system-ui, sans-serif; color: #000; background: #fff }
body { max-width: 182mm; margin: 0 auto }
h1 { font-size: 6.4mm; margin: 0 }
.day { margin: 0 0 3mm }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 600 }
.steps { width: auto; margin-bottom: 4mm }
.steps th, .steps td { padding: 0.4mm 6mm 0.4mm 0 }
.milk { font-size: ${mm(text)}; line-height: 1.1; table-layout: fixed; border: 0.3mm solid #000 }
.milk tr { height: ${mm(row)}; break-inside: avoid }
.milk th, .milk td { border-bottom: 0.1mm solid #888; padding: 0 1mm; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.milk th:first-child { width: 26% }
.milk tbody th { white-space: ${names}; overflow-wrap: anywhere }
.milk thead th { font-size: 85% }
.milk td, .milk thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums }
.milk td:last-child { font-weight: 700 }
.milk .group th { background: #eee; width: auto }
.milk thead th, .milk tfoot th, .milk tfoot td { border-bottom: 0.3mm solid #000; font-weight: 700 }
.milk tfoot th, .milk tfoot td { border-top: 0.3mm solid #000 }
.sign { display: flex; gap: 10mm; margin: 14mm 0 0 }
.sign span { flex: 2; border-top: 0.2mm solid #000; padding-top: 1mm }
.sign span:last-child { flex: 1 }
`
}
