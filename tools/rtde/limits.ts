const name = { trim: true, compose: true } as const

export const nameRule = { min: 1, max: 100, ...name } as const
export const brandRule = { max: 50, ...name } as const
export const iconRule = { max: 10, trim: true } as const
export const imageRule = {
  max: 100,
  trim: true,
  // Blank is no image.
  pattern: /^(?:[A-Za-z0-9][A-Za-z0-9._-]*)?$/,
  hint: 'Must be the name of a file: letters, digits, ".", "_" and "-", a letter or digit first.',
} as const
export const parRule = { min: 1, max: 9999 } as const
export const quantityRule = { min: 0, max: 9999 } as const
