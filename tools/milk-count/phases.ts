/** What is saved one after the other. */
export const phases = ['night_foh', 'night_boh', 'morning', 'on_order'] as const
export type Phase = (typeof phases)[number]

/** A session stands at the phase that is due. */
export const states = [...phases, 'completed'] as const
export type State = (typeof states)[number]

export const categories = ['dairy', 'non_dairy'] as const
export type Category = (typeof categories)[number]

/** The back of house was counted again in the morning, or what came was counted as it came. */
export const methods = ['boh_count', 'direct_delivered'] as const
export type Method = (typeof methods)[number]
