import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../../bench/simulate/heap.js';

test('gives back in order what it was given in any, while more comes in between', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant('pop' as const))), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const model: number[] = [];
      for (const step of steps) {
        if (step === 'pop') expect(heap.pop()).toBe(model.shift());
        else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect([heap.size, heap.first()]).toEqual([model.length, model[0]]);
      }
    }),
  );
});

test('lets its first item sink when that has changed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1 }), fc.array(fc.nat(50)), (values, raises) => {
      const heap = new Heap<{ value: number }>((a, b) => a.value < b.value);
      const items = values.map((value) => ({ value }));
      for (const item of items) heap.push(item);
      for (const raise of raises) {
        heap.first()!.value += raise;
        heap.firstChanged();
        expect(heap.first()!.value).toBe(Math.min(...items.map(({ value }) => value)));
      }
      const out = items.map(() => heap.pop()!.value);
      expect(out).toEqual(items.map(({ value }) => value).sort((a, b) => a - b));
    }),
  );
});
