import { expect, test } from 'bun:test'
import { parseArguments } from './parse-arguments.ts'

const command = {
  name: 'migrate make',
  usage: '<tool> [name]',
  options: {
    text: { type: 'string', short: 'm', value: 'TEXT', about: '' },
    'allow-loss': { type: 'boolean', about: '' },
    accept: { type: 'string', repeats: true, about: '' },
  },
} as const

const accepted: Record<string, [string[], Record<string, string | true>, string[]]> = {
  'positional arguments in their order': [['a', 'b'], {}, ['a', 'b']],
  'an optional one left out': [['a'], {}, ['a']],
  'long options, with and without =': [
    ['a', '--text', 'two words', '--allow-loss'],
    { text: 'two words', 'allow-loss': true },
    ['a'],
  ],
  'a short option': [['-m', 'x', 'a'], { text: 'x' }, ['a']],
  'an option that repeats, a value a line': [
    ['--accept', 'x.y', 'a', '--accept=z'],
    { accept: 'x.y\nz' },
    ['a'],
  ],
  'the last of an option that does not': [['-m', 'x', '-m', 'y', 'a'], { text: 'y' }, ['a']],
  'a value that looks like an option, behind =': [['--text=-x', 'a'], { text: '-x' }, ['a']],
  'whatever stands behind --': [['--', '--text'], {}, ['--text']],
}

for (const [name, [argv, options, args]] of Object.entries(accepted))
  test(`takes ${name}`, () => {
    expect(parseArguments(command, argv)).toEqual({ ok: true, options, args })
  })

const refused: Record<string, [string[], string]> = {
  'an unknown option, naming the nearest': [
    ['a', '--alow-loss'],
    'There is no option --alow-loss. Did you mean --allow-loss?',
  ],
  'an unknown option like none': [['a', '--zzzzzzzz'], 'There is no option --zzzzzzzz.'],
  'the name of a property every object has': [
    ['a', '--toString'],
    'There is no option --toString.',
  ],
  'an unknown short option': [['a', '-z'], 'There is no option -z.'],
  'an option without its value': [['a', '--text'], '--text needs a value: --text TEXT.'],
  'an option for a value': [['a', '--text', '--allow-loss'], '--text needs a value: --text TEXT.'],
  'an empty value': [['a', '--text='], '--text needs a value: --text TEXT.'],
  'a value where none belongs': [['a', '--allow-loss=no'], '--allow-loss takes no value.'],
  'a missing argument': [[], 'It needs <tool>.'],
  'an argument too many': [['a', 'b', 'c'], 'It takes no argument "c".'],
}

for (const [name, [argv, fault]] of Object.entries(refused))
  test(`refuses ${name}`, () => {
    expect(parseArguments(command, argv)).toEqual({ ok: false, fault })
  })
