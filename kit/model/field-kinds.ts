import { booleanKind } from './fields/boolean.ts'
import { choiceKind } from './fields/choice.ts'
import { dateKind } from './fields/date.ts'
import { fileKind } from './fields/file.ts'
import { instantKind } from './fields/instant.ts'
import { integerKind } from './fields/integer.ts'
import { jsonKind } from './fields/json.ts'
import { numberKind } from './fields/number.ts'
import { serialKind } from './fields/serial.ts'
import { textKind } from './fields/text.ts'
import { uuidKind } from './fields/uuid.ts'
import type { FieldKind } from './kind.ts'

/** The kinds by name, as a snapshot names them. */
export const fieldKinds: Readonly<Record<string, FieldKind>> = Object.freeze(
  Object.fromEntries(
    [
      textKind,
      integerKind,
      numberKind,
      booleanKind,
      choiceKind,
      instantKind,
      dateKind,
      jsonKind,
      fileKind,
      uuidKind,
      serialKind,
    ].map((kind) => [kind.name, kind]),
  ),
)
