import { describe, expect, it } from '@jest/globals';
import { keyText } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError } from '../exit-codes.ts';
import { parseNames } from './names.ts';

const parse = (...words: string[]) => {
  const { kinds, keys } = parseNames(REGISTRY, words, 'shop');
  return { kinds: kinds.map((kind) => kind.kind), keys: keys.map(keyText) };
};
const complaint = (...words: string[]) => {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof CliError) return error.message;
  }
  return 'none';
};

describe('what people write after a verb', () => {
  it.each([
    [['vm'], ['VirtualMachine'], []],
    [['vm,net'], ['VirtualMachine', 'Network'], []],
    [['virtualmachines', 'web', 'db'], ['VirtualMachine'], ['VirtualMachine/shop/web', 'VirtualMachine/shop/db']],
    [
      ['vm/web', 'net/lan'],
      ['VirtualMachine', 'Network'],
      ['VirtualMachine/shop/web', 'Network/shop/lan'],
    ],
    [['vm/other/web'], ['VirtualMachine'], ['VirtualMachine/other/web']],
    [['zone/fra1'], ['Zone'], ['Zone/fra1']],
  ])('%j', (words, kinds, keys) => expect(parse(...words)).toEqual({ kinds, keys }));

  it('may be all kinds', () => expect(parse('all').kinds).toHaveLength(REGISTRY.kinds.length));

  it.each([
    [['netwrk'], 'did you mean "Network"?'],
    [['zebra'], 'the kinds are Domain, Account,'],
    [['vm,net', 'web'], 'Names belong to one kind'],
    [['vm/a/b/c'], 'names no object'],
    [['vm/'], 'names no object'],
    [['vm/web', 'net'], '"net" names no object'],
    [[], 'Say which kind'],
  ])('%j is answered with what would be right', (words, hint) => expect(complaint(...words)).toContain(hint));
});
