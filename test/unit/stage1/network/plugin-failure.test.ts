import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pluginFailure } from '../../../../stage1/network/plugin-failure.ts';

const add = { command: 'ADD', network: 'default', plugin: 'ptp', env: {}, config: {} } as const;
const failed = { status: 1, stdout: '', stderr: '' };

/** What a plugin printed and how it ended: what the user reads. */
const sentences = [
  {
    result: { ...failed, stdout: '{"code":100,"msg":"no such device"}' },
    message: 'set up network "default": plugin "ptp": no such device',
  },
  {
    result: { ...failed, stdout: '{"cniVersion":"1.0.0","code":7,"msg":"bad\\nrange","details":"a < b"}' },
    message: 'set up network "default": plugin "ptp": bad; range: a < b',
  },
  {
    result: { ...failed, stderr: 'panic: oh\n\ngoroutine 1\n', status: 2 },
    message: 'set up network "default": plugin "ptp": ended with status 2: panic: oh; goroutine 1',
  },
  {
    result: { ...failed, status: 137 },
    message: 'set up network "default": plugin "ptp": ended with status 137',
  },
  {
    result: {
      ...failed,
      stdout:
        '{"code":11,"msg":"failed to allocate for range 0: requested IP address 10.0.0.7 is not available in range set 10.0.0.1-10.0.0.254"}',
    },
    message: 'requested IP address "10.0.0.7" is not available in network: default',
  },
  {
    result: { ...failed, stdout: '{"code":11,"msg":"failed to allocate all requested IPs: 10.9.0.7"}' },
    message: 'requested IP address "10.9.0.7" is not available in network: default',
  },
];

for (const { result, message } of sentences) {
  test(`pluginFailure() says: ${message}`, () => {
    const error = pluginFailure(add, result);
    assert.equal(error.message, message);
    assert.equal(error.code, 'ERR_NETWORK');
  });
}

test('pluginFailure() names what was being done', () => {
  assert.match(pluginFailure({ ...add, command: 'DEL' }, failed).message, /^tear down network "default": /);
});
