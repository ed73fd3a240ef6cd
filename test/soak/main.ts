import { parseArgs } from 'node:util';
import { ENDS } from './plan.ts';
import { type SoakResult, soak } from './soak.ts';

// npm run soak -- [--pods=N] [--seed=N]: N pods are started and ended in every way; nothing of them may be left.

const { values } = parseArgs({
  options: { pods: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const width = 4;

async function main(): Promise<void> {
  const [pods, seed] = [Number(values.pods), Number(values.seed)];
  const onPod = (done: number) => {
    if (done % 50 === 0) console.error(`${done} of ${pods}`);
  };
  const result = await soak({ pods, seed, width, onPod });
  console.log(`${figures(result, seed)}\n`);
  for (const surprise of result.surprises) console.log(`surprise: ${surprise}`);
  for (const [kind, all] of Object.entries(result.left)) console.log(`left, ${kind}:\n  ${all.join('\n  ')}`);
  process.exitCode = result.surprises.length + Object.keys(result.left).length > 0 ? 1 : 0;
}

function figures(result: SoakResult, seed: number): string {
  const { plans, totalMs, gcMs, startMs, collected, gcRuns, surprises, kinds, left } = result;
  const having = (is: (plan: SoakResult['plans'][number]) => boolean) => plans.filter(is).length;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    `${plans.length} pods (seed ${seed}), ${width} at a time: ${seconds(totalMs)}, ${((plans.length * 1000) / totalMs).toFixed(1)} pods/s`,
    `ends: ${ENDS.map((end) => `${end} ${having((plan) => plan.end === end)}`).join(', ')}`,
    `with two apps ${having((plan) => plan.hasTwoApps)}, sandboxes ${having((plan) => plan.isSandbox)}, --net=default ${having((plan) => plan.network === 'default')}, --private-users ${having((plan) => plan.hasPrivateUsers)}`,
    `a pod alone is ready after ${startMs.toFixed(0)} ms; gc ran ${gcRuns} times, removed ${collected}, the last took ${seconds(gcMs)}`,
    `not as planned: ${surprises.length}; left: ${kinds.map((kind) => `${kind} ${left[kind]?.length ?? 0}`).join(', ')}`,
  ].join('\n');
}

await main();
