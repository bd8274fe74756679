import { defineAdmin, defineStats } from '#kit/admin'
import { User } from './model.ts'

/** What a console draws of users. The routes are our own, with rules of their own: `admin.ts`. */
export const userAdmin = defineAdmin(User, {
  only: [],
  columns: [
    'username',
    'email',
    'name',
    'partner_number',
    'role',
    'is_active',
    'last_login',
    'created_at',
  ],
  actions: {
    'reset-password': {
      label: 'Reset password',
      confirm: 'Give this user a temporary password? All sessions of the user end.',
      danger: true,
    },
    'reset-pin': {
      label: 'Reset PIN',
      confirm: 'Give this user a temporary PIN? All sessions of the user end.',
      danger: true,
    },
  },
})

export const userStats = defineStats(User, { total: {}, active: { is_active: true } }, 'users')
