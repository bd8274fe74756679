const unitMs: Readonly<Record<string, number>> = {
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of a duration: seconds (`900`), or a number with s, m, h or d (`15m`, `30d`). Undefined for other text. */
export function fromDuration(text: string): number | undefined {
  const match = /^(\d{1,12})([smhd]?)$/.exec(text)
  const unit = unitMs[match?.[2] ?? '']
  return match && unit ? Number(match[1]) * unit : undefined
}
