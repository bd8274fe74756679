import type { Activities, ActivitySpec } from './activity.ts'
import { toldUsually } from './told.ts'

/** It may have been anything, of anyone: no more is told than which row it was. */
const undone: ActivitySpec = {
  type: 'undone',
  audience: 'admin',
  title: 'Undone',
  describe: (unit) => toldUsually(unit).description,
}

/** What feeds tell of the kit's own operations. */
export const kitActivity: Activities = { 'admin.audit.undo': undone, 'audit undo': undone }
