// Fetches an image, runs it as a pod of its own, and tells how it ended.
// examples/run-an-image.ts IMAGE DATA-DIRECTORY PROGRAMS-DIRECTORY [ARGUMENT…]
import { openEngine } from 'tsrkt';

const [image = '', dataDirectory = '', programs = '', ...args] = process.argv.slice(2);
const engine = openEngine({ dataDirectory, programs, insecure: ['image'], onWarning: console.warn });

const id = await engine.fetch(image);
console.log(`fetched ${id}`);
await engine.verify(id);
const uuid = await engine.prepare([{ image, name: 'web', args, environment: { GREETING: 'hello' } }]);
const { ended } = engine.run(uuid, { net: 'none', output: 'inherit' });
console.log(`ended with ${await ended}`);
for (const { state, apps } of await engine.list())
  console.log(`${state}: ${apps.map(({ name }) => name).join(', ')}`);
await engine.remove(uuid);
console.log(`${(await engine.list()).length} pods are left`);
