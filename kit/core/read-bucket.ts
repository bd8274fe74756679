import type { BucketConfig } from './config.ts'
import { accept, type ConfigReader, type ReadText, refuse } from './config-reader.ts'

type Address = Omit<BucketConfig, 'accessKeyId' | 'secretAccessKey'>

const form = 'Set one such as s3://bucket?endpoint=https://s3.example.com&region=eu-1.'

/** `s3://bucket/prefix?endpoint=…&region=…`. Keys are no part of it: it may be shown. */
const bucketAddress: ReadText<Address> = (text) => {
  const url = URL.parse(text)
  if (url?.protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname))
    return refuse('It is no address of a bucket.', form)
  if (url.username !== '' || url.password !== '')
    return refuse('It holds a key.', 'Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY instead.')
  const unknown = [...url.searchParams.keys()].find((key) => !['endpoint', 'region'].includes(key))
  if (unknown !== undefined) return refuse(`It has an unknown part "${unknown}".`, form)
  const prefix = url.pathname.replace(/^\/|\/$/g, '')
  if (!/^[A-Za-z0-9_/-]*$/.test(prefix) || prefix.includes('//'))
    return refuse('Its prefix is not of letters, digits, "_", "-" and "/".', form)
  const endpoint = url.searchParams.get('endpoint')
  if (endpoint !== null && !['http:', 'https:'].includes(URL.parse(endpoint)?.protocol ?? ''))
    return refuse('Its endpoint is no address of the web.', form)
  const region = url.searchParams.get('region') ?? 'us-east-1'
  return accept({ bucket: url.hostname, prefix, region, ...(endpoint ? { endpoint } : {}) })
}

/** Where files are kept; undefined for the disk of this machine. */
export function readBucket({ read, find, fault }: ConfigReader): BucketConfig | undefined {
  const address = read(['FILES'], bucketAddress, undefined)
  const accessKeyId = find(['S3_ACCESS_KEY_ID', 'AWS_ACCESS_KEY_ID'])?.text
  const secretAccessKey = find(['S3_SECRET_ACCESS_KEY', 'AWS_SECRET_ACCESS_KEY'])?.text
  if (!address) return undefined
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { ...address, accessKeyId, secretAccessKey }
  const missing = accessKeyId === undefined ? 'S3_ACCESS_KEY_ID' : 'S3_SECRET_ACCESS_KEY'
  fault(missing, 'It is not set, and FILES names a bucket.', 'Set the key of that bucket.')
  return undefined
}
