import { createHash, createHmac } from 'node:crypto';

export interface AwsKey {
  readonly accessKeyID: string;
  readonly secretAccessKey: string;
  readonly awsRegion?: string;
}

/** The hash of an empty body, which is what a GET has. */
const EMPTY = createHash('sha256').update('').digest('hex');

/** The headers that sign a GET of an S3 object (AWS Signature Version 4). */
export function signAwsRequest(
  url: URL,
  key: AwsKey,
  now: Date,
): { authorization: string; headers: Record<string, string> } {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${key.awsRegion ?? regionOf(url.hostname)}/s3/aws4_request`;
  const headers = { 'x-amz-content-sha256': EMPTY, 'x-amz-date': time };
  const signed = { host: url.host, ...headers };
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const request = ['GET', canonicalPath(url), canonicalQuery(url), lines.join(''), names, EMPTY].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join(
    '\n',
  );
  const signature = hmac(signingKey(key.secretAccessKey, scope), toSign).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.accessKeyID}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { authorization, headers };
}

/** `bucket.s3.eu-west-1.amazonaws.com`, `s3-eu-west-1.amazonaws.com`; else AWS's oldest region. */
function regionOf(hostname: string): string {
  return (
    /(?:^|\.)s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/.exec(hostname)?.[1] ?? 'us-east-1'
  );
}

function canonicalPath(url: URL): string {
  return url.pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986's unreserved characters stay, everything else is escaped: encodeURIComponent spares five more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function signingKey(secret: string, scope: string): Buffer {
  return scope.split('/').reduce((key: string | Buffer, part) => hmac(key, part), `AWS4${secret}`) as Buffer;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
