import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nothingRan, seenContext } from '../../../core/events/replay-mark.ts';
import { contextOfReplay } from '../../../core/replay/outcome.ts';

const PROOF = 'Kq0v4mZp1xS8yWc2TjR6bA';
/** A context with these members of the mark, and what else is custom. */
const marked = (members: string) => `{"custom":{${members.replaceAll('~', 'maintenance-window.')}}}`;

/** What a replay sends, as the Runtime API hands it over. */
function contextOf(stored: string | undefined, dispatch: boolean): string {
  const context = contextOfReplay({ replay: '9f1c', deferredAt: 0, proof: PROOF, dispatch }, stored);
  return context.kind === 'context' ? Buffer.from(context.base64, 'base64').toString() : '';
}

describe('the client context of a replay, as a handler sees it', () => {
  it('is what was sent without the proof, which the gate alone has', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.boolean(),
        (more, custom, dispatch) => {
          const sent = contextOf(JSON.stringify({ ...more, custom }), dispatch);
          fc.pre(sent !== '');
          const { text, mark } = seenContext(sent);
          expect(mark).toEqual({ dispatch, proof: PROOF });
          expect(text).not.toContain(PROOF);
          const whole = JSON.parse(sent);
          delete whole.custom['maintenance-window.proof'];
          expect(text).toBe(JSON.stringify(whole));
        },
      ),
    );
  });

  it('is cut by position: what stands around the proof stays as it was written', () => {
    const before =
      '{ "env" : {"a":1.0e2, "\\u0062": [ ] } ,\n "custom": { "x":"\\u00e9", "maintenance-window.replay" : "9f1c",';
    const proof = `"maintenance-window.pro\\u006ff" :\t"${PROOF}"`;
    const mark = { dispatch: false, proof: PROOF };
    expect(seenContext(`${before}\n ${proof} , "y" : 1}  }\n`)).toEqual({ text: `${before}\n "y" : 1}  }\n`, mark });
    expect(seenContext(`${before} "y" : 1 ,\t${proof}  }  }\n`)).toEqual({ text: `${before} "y" : 1  }  }\n`, mark });
    expect(seenContext(`{"custom": {${proof}, "y":1} }`)).toEqual({ text: '{"custom": {"y":1} }', mark });
    expect(seenContext(`{"custom": { ${proof} } }`)).toEqual({ text: '{"custom": {} }', mark });
  });

  it.each([
    ['stands there twice', marked(`"~proof":"${PROOF}","~proof":"${PROOF}"`)],
    ['stands there twice, and the last one is none', marked(`"~proof":"${PROOF}","~proof":1`)],
    ['is in one of two customs', `{"custom":{"maintenance-window.proof":"${PROOF}"},"custom":{}}`],
    [
      'is in one of two customs, and the last is none',
      `{"custom":{"maintenance-window.proof":"${PROOF}"},"custom":""}`,
    ],
    [
      'is in each of two customs',
      `{"custom":{"maintenance-window.proof":"${PROOF}"},"cust\\u006fm":{"maintenance-window.proof":"${PROOF}"}}`,
    ],
    ['is told elsewhere, too', marked(`"~proof":"${PROOF}","x":"${PROOF}"`)],
    ['is deeper', marked(`"x":{"~proof":"${PROOF}"}`)],
    ['is in a mark of its own', marked(`"maintenance-window":{"proof":"${PROOF}"}`)],
    ['is in a list', `{"custom":[{"maintenance-window.proof":"${PROOF}"}]}`],
    ['is elsewhere', `{"maintenance-window.proof":"${PROOF}"}`],
    ['is not where it belongs', `{"env":{"maintenance-window.proof":"${PROOF}"}}`],
    ['is in a list of contexts', `[${marked(`"~proof":"${PROOF}"`)}]`],
    ['is no text', marked('"~proof":1')],
    ['is too short', marked('"~proof":"x"')],
    ['is longer', marked(`"~proof":"${PROOF} "`)],
    ['is missing', marked('"~replay":"9f1c","~dispatch":"true"')],
    ['is no JSON', `{"custom":{"maintenance-window.proof":"${PROOF}"}`],
    ['is behind an escape', `{"custom":{"maintenance\\u002dwindow.proof":"${PROOF}"}}`],
    ['is nowhere', 'maintenance-window.'],
    ['is of nothing', '{"custom":null,"x":"maintenance-window.proof"}'],
  ])('has no mark where the proof %s', (_what, context) => {
    expect(seenContext(context).mark).toBeUndefined();
  });

  it('is the very text where nothing of ours is in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constant(marked('"~replay":"9f1c"'))), (context) => {
        expect(seenContext(context)).toEqual({ text: context });
      }),
    );
  });

  it('never throws, and keeps JSON what was JSON, wherever names of ours stand', () => {
    const { json } = fc.letrec<{ json: string; object: string; list: string }>((tie) => ({
      json: fc.oneof({ maxDepth: 5 }, fc.constantFrom('1', 'null', `"${PROOF}"`, '"}"'), tie('object'), tie('list')),
      object: fc
        .array(
          fc.tuple(
            fc.constantFrom('custom', 'maintenance-window.proof', 'maintenance-window.pro\\u006ff', 'x'),
            tie('json'),
          ),
          { maxLength: 3 },
        )
        .map((members) => `{${members.map(([key, value]) => ` "${key}" : ${value} `).join(',')}}`),
      list: fc.array(tie('json'), { maxLength: 2 }).map((items) => `[${items.join(',')}]`),
    }));
    fc.assert(
      fc.property(json, (context) => {
        const { text, mark } = seenContext(context);
        expect(() => JSON.parse(text)).not.toThrow();
        if (mark) expect(text).not.toContain(mark.proof);
        expect(JSON.parse(text)?.custom?.['maintenance-window.proof']).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the word that nothing ran', () => {
  it('names the function as it was invoked', () => {
    const said = `under maintenance: orders:live did not run, proof ${PROOF}`;
    expect(nothingRan('arn:aws-cn:lambda:cn-north-1:123456789012:function:orders:live', PROOF)).toBe(said);
    expect(nothingRan('orders:live', PROOF)).toBe(said);
  });
});
