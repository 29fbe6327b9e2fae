import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAddresses, subnetsIn } from './network-address.ts';

function inSubnet(text: string, address: string): readonly boolean[] {
  return subnetsIn(text).map((subnet) => subnet.check(address));
}

test('the subnets of a network are read as Docker writes them, and those of the newer IP are left out', () => {
  const config = [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }, { Subnet: 'fd00::/64' }];
  const text = JSON.stringify([{ Name: 'n', IPAM: { Driver: 'default', Config: config } }]);
  assert.deepEqual(inSubnet(text, '172.18.0.1'), [true]);
  assert.deepEqual(inSubnet(text, '172.19.0.1'), [false]);
  assert.deepEqual(inSubnet(JSON.stringify([{ IPAM: { Config: null } }]), '172.18.0.1'), []);
});

test('the subnets of a network are read as Podman writes them', () => {
  const text = JSON.stringify([{ name: 'podman', subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }] }]);
  assert.deepEqual(inSubnet(text, '10.88.3.4'), [true]);
  assert.deepEqual(inSubnet(text, '10.89.0.1'), [false]);
});

test("this machine's addresses are told from those of its neighbours and of whole networks", () => {
  const table = `Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 172.17.0.0/16 2 0 2
        |-- 172.17.0.0
           /16 link UNICAST
        |-- 172.17.0.1
           /32 host LOCAL
        |-- 172.17.255.255
           /32 link BROADCAST
        |-- 172.17.0.1
           /32 host LOCAL
`;
  assert.deepEqual(localAddresses(table), ['172.17.0.1']);
});
