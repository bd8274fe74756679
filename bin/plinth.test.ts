import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dir, '..')
const platform = `bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-bin-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

/** A package with our bin and these files in node_modules: `link` leads to the Bun that runs this test. */
function install(name: string, files: Readonly<Record<string, 'link' | 'stub'>>): string {
  const home = join(folder, name)
  cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  for (const [path, content] of Object.entries(files)) {
    const file = join(home, 'node_modules', path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(join(file, '../../package.json'), '{}')
    if (content === 'link') symlinkSync(process.execPath, file)
    else writeFileSync(file, 'echo "Error: install scripts did not run"\n', { mode: 0o755 })
  }
  return home
}

async function run(home: string, code: string, path = '') {
  const node = Bun.which('node') ?? 'node'
  const child = Bun.spawn([node, join(home, 'bin/bun.js'), '-e', code], {
    env: { ...process.env, PATH: path },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, signal: child.signalCode, out: out.trim(), err: err.trim() }
}

const print = 'console.log(process.versions.bun)'

describe('Bun is found', () => {
  test('in its package', async () => {
    const home = install('package', { 'bun/bin/bun.exe': 'link' })
    expect(await run(home, print)).toMatchObject({ code: 0, out: Bun.version })
  })

  test('in the platform package where install scripts are switched off', async () => {
    const home = install('no-scripts', {
      'bun/bin/bun.exe': 'stub',
      [`@oven/${platform}/bin/bun`]: 'link',
    })
    expect(await run(home, print)).toMatchObject({ code: 0, out: Bun.version })
  })

  test('on the PATH, where a stub is none', async () => {
    const home = install('path', { 'bun/bin/bun.exe': 'stub', '.tools/here/bun': 'link' })
    const path = `${join(home, 'node_modules/bun/bin')}:${join(home, 'node_modules/.tools/here')}`
    expect(await run(home, print, path)).toMatchObject({ code: 0, out: Bun.version })
  })

  test('or else one line says what to do', async () => {
    const home = install('nothing', { 'bun/bin/bun.exe': 'stub' })
    const { code, err } = await run(home, print)
    expect(code).toBe(3)
    expect(err).toMatch(/^plinth: Bun for \S+ is not installed\. Run "npm install" .*$/)
  })
})

describe('the process stands for Bun', () => {
  test('exit codes pass', async () => {
    const home = install('codes', { 'bun/bin/bun.exe': 'link' })
    expect((await run(home, 'process.exit(7)')).code).toBe(7)
  })

  test('a signal that ends Bun ends it', async () => {
    const home = install('killed', { 'bun/bin/bun.exe': 'link' })
    expect((await run(home, 'process.kill(process.pid, "SIGTERM")')).signal).toBe('SIGTERM')
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s reaches Bun', async (signal) => {
    const home = install(signal, { 'bun/bin/bun.exe': 'link' })
    const code = `process.on('${signal}', () => { console.log('got it'); process.exit(5) })
      console.log('ready'); setInterval(() => {}, 1000)`
    const node = Bun.which('node') ?? 'node'
    const child = Bun.spawn([node, join(home, 'bin/bun.js'), '-e', code], { stdout: 'pipe' })
    let out = ''
    for await (const chunk of child.stdout) {
      out += Buffer.from(chunk).toString()
      if (out === 'ready\n') child.kill(signal)
    }
    expect(out).toBe('ready\ngot it\n')
    expect(await child.exited).toBe(5)
  })
})
