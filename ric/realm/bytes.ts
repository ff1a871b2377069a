/**
 * `Buffer` for the gate's realm: a `Uint8Array` of this realm with the methods that Node's has at the start. Of Node's own
 * it would take one `Buffer.from = …` in a handler to store something else than what came.
 */

/** Node's methods, and those that they call in turn. All others of `Uint8Array` are this realm's. */
const METHODS = ['toString', 'write', 'indexOf'];
const BY_ENCODING = ['utf8', 'latin1', 'hex', 'base64'].flatMap((name) => [`${name}Slice`, `${name}Write`]);

const views = Object.getPrototypeOf(Uint8Array.prototype);

/** Makes the class. */
export function createBytes({ byteLength, prototype }: BufferConstructor): BufferConstructor {
  const { write } = prototype;

  class Bytes extends Uint8Array {
    static make(value: string | Uint8Array | ArrayBuffer, by?: BufferEncoding | number, length?: number): Bytes {
      if (typeof value === 'string') return ofText(value, by as BufferEncoding | undefined);
      return ArrayBuffer.isView(value) ? Bytes.concat([value]) : new Bytes(value, by as number | undefined, length);
    }

    static concat(pieces: readonly Uint8Array[]): Bytes {
      const whole = new Bytes(pieces.reduce((sum, piece) => sum + piece.length, 0));
      let at = 0;
      for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      return whole;
    }
  }

  function ofText(text: string, encoding: BufferEncoding = 'utf8'): Bytes {
    const bytes = new Bytes(byteLength(text, encoding));
    // Base64 may have blanks and no padding, so that there are fewer bytes than it seems.
    return bytes.subarray(0, Reflect.apply(write, bytes, [text, encoding])) as Bytes;
  }

  for (const name of [...METHODS, ...BY_ENCODING]) {
    Object.defineProperty(Bytes.prototype, name, { value: Reflect.get(prototype, name) });
  }
  const { make: from, concat } = Bytes;
  return Object.assign(Bytes, { from, concat, byteLength }) as unknown as BufferConstructor;
}

/** The same bytes as this realm sees them. */
export function ownView(view: Uint8Array): Buffer {
  return Buffer.from(ofView(view, 'buffer') as ArrayBuffer, ofView(view, 'byteOffset'), ofView(view, 'length'));
}

/** Of a view of the other realm, by this one's getters. */
function ofView<Name extends 'buffer' | 'byteOffset' | 'length'>(view: Uint8Array, name: Name): Uint8Array[Name] {
  return Reflect.get(views, name, view);
}
