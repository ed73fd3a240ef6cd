// What `fetch` does with an ACI before it opens it: bun verify-file.ts FILE KEYSTORE NAME. Prints the peak of its memory in MiB.
import { openSync, readFileSync } from 'node:fs';
import { passingChunks } from '../../image/file-chunks.ts';
import { makeDigest } from '../../schema/digest.ts';
import { evaluate, refusalOf } from '../../trust/evaluate.ts';
import { openpgpEvidence } from '../../trust/evidence.ts';
import { blobHasher } from '../../trust/openpgp/blob-hasher.ts';
import { parseSignatures } from '../../trust/openpgp/signature.ts';

async function main([file = '', directory = '', name = '']: readonly string[]): Promise<void> {
  const signatures = await parseSignatures(readFileSync(`${file}.asc`), 'signature');
  const hasher = blobHasher(['sha512'], signatures);
  for (const chunk of passingChunks(openSync(file, 'r'))) hasher.update(chunk);
  const digests = [makeDigest('sha512', hasher.digest('sha512').toString('hex'))];
  const evidence = openpgpEvidence(signatures, hasher, new Date());
  const trust = { store: [{ origin: 'local', directory }], policy: { rules: [], hash: 'none' } } as const;
  const decision = await evaluate(
    { request: file, kind: 'aci', subject: { name, digests }, evidence },
    trust,
  );
  if (!decision.verdict.verified) throw refusalOf(decision);
  console.log(peakMemory());
}

/** In MiB; proc(5), VmHWM. What getrusage(2) says contains the parent's memory. */
function peakMemory(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}

await main(process.argv.slice(2));
