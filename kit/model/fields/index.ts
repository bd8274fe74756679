import { boolean } from './boolean.ts'
import { choice } from './choice.ts'
import { date } from './date.ts'
import { derived } from './derived.ts'
import { file } from './file.ts'
import { instant } from './instant.ts'
import { integer } from './integer.ts'
import { json } from './json.ts'
import { number } from './number.ts'
import { reference } from './reference.ts'
import { serial } from './serial.ts'
import { text } from './text.ts'
import { uuid } from './uuid.ts'

/** The kinds of fields. */
export const f = Object.freeze({
  text,
  integer,
  number,
  boolean,
  choice,
  instant,
  date,
  json,
  uuid,
  serial,
  reference,
  derived,
  file,
})
