import { setUpNetworks } from '../../stage1/network/set-up.ts';
import { runnerOn } from './network-host.ts';

// A supervisor that does nothing but join its networks: argv[2] is the job, with the name of its host instead of a runner.
const { host, ...job } = JSON.parse(process.argv[2] ?? '');
console.log(JSON.stringify(setUpNetworks({ ...job, run: runnerOn(host) })));
