import './native.ts';

type Data = string | Uint8Array | ArrayBuffer;
type Encoding = 'utf8' | 'latin1' | 'base64' | 'hex';

/** `Buffer`, as much of it as the gate uses. */
export class Bytes extends Uint8Array<ArrayBuffer> {
  static make(value: Data, by?: Encoding | number, length?: number): Bytes {
    if (typeof value === 'string') return viewOf(native.encode(value, encodingOf(by)));
    return ArrayBuffer.isView(value) ? Bytes.concat([value]) : new Bytes(value, by as number | undefined, length);
  }

  static concat(pieces: readonly Uint8Array[]): Bytes {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const whole = new Bytes(new ArrayBuffer(length));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  static byteLength(text: string): number {
    return native.byteLength(text);
  }

  override toString(encoding: Encoding = 'utf8', from = 0, to = this.length): string {
    return native.decode(this, encoding, from, to);
  }

  override indexOf(value: number | string, from = 0): number {
    return typeof value === 'string' ? native.indexOf(this, value, from) : super.indexOf(value, from);
  }
}

/** The same bytes. */
export function viewOf({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Bytes {
  return new Bytes(buffer, byteOffset, length);
}

function encodingOf(by: Encoding | number | undefined): 'utf8' | 'latin1' | 'base64' {
  return by === 'latin1' || by === 'base64' ? by : 'utf8';
}
