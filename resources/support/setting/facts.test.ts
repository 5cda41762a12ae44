import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { personOf, type SettingFact, standingAt } from './facts.ts';

const PEOPLE = ['user:anna', 'user:bert', 'user:carl'] as const;

type Act = { by: number; asKey: boolean } & ({ set: number } | { approve: number } | { end: true });

const act: fc.Arbitrary<Act> = fc
  .record({
    by: fc.nat(2),
    asKey: fc.boolean(),
    what: fc.oneof(
      fc.record({ set: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ approve: fc.integer({ min: 0, max: 8 }) }),
      fc.record({ end: fc.constant(true as const) }),
    ),
  })
  .map(({ what, ...rest }) => ({ ...rest, ...what }));

/** The rows that the database would keep of what people do to one Setting, whatever admission would have refused of it. */
function written(acts: readonly Act[]): SettingFact[] {
  let now = { value: 1, generation: 0, approve: null as string | null, deletedAt: null as number | null };
  return acts.map((one, index): SettingFact => {
    if ('set' in one) {
      const generation = now.generation + (one.set === now.value && now.generation > 0 ? 0 : 1);
      now = { ...now, value: one.set, generation, deletedAt: null };
    } else if ('approve' in one) now = { ...now, approve: String(one.approve) };
    else now = { ...now, deletedAt: index };
    const person = PEOPLE[one.by] as string;
    const who = one.asKey ? { actor: `key:of-${one.by}`, onBehalfOf: person } : { actor: person, onBehalfOf: null };
    const spec = { key: 'signIn.lockOutAfter', value: now.value };
    return { ...now, ...who, at: index, uid: 'u', name: 'lock', spec };
  });
}

it('whatever people do in whatever order, nothing that needs two is in force by one', () => {
  let seen = 0;
  fc.assert(
    fc.property(fc.array(act, { maxLength: 14 }), (acts) => {
      const facts = written(acts);
      for (let at = 0; at < facts.length; at += 1) {
        const standing = standingAt(facts, at).get('u');
        const inForce = standing?.inForce ?? null;
        const current = facts[at] as SettingFact;
        if (current.deletedAt !== null) expect(standing).toBeUndefined();
        if (inForce === null) continue;
        seen += 1;
        // Somebody agreed who had no hand in it, by a row that names the generation at which the value stood.
        expect(inForce.by).not.toContain(inForce.approvedBy);
        const agreed = facts.find((fact) => fact.at === inForce.since);
        expect(agreed && personOf(agreed)).toBe(inForce.approvedBy);
        expect([agreed?.approve, agreed?.spec.value]).toEqual([String(agreed?.generation), inForce.value]);
        expect(standing?.awaiting?.value).not.toEqual(inForce.value);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(seen).toBeGreaterThan(100);
});
