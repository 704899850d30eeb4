/**
 * Steering by sender's address: a classic BPF program that the kernel runs for each datagram to choose among the sockets that share
 * a port (SO_ATTACH_REUSEPORT_CBPF, Linux 4.5). All datagrams of one address go to one socket, whatever their source ports.
 */

/** Offset from which loads count from the network header (`SKF_NET_OFF`). */
const NETWORK = -0x100000;
/** `struct sock_filter`: code, jump if true, jump if false, constant. */
type Instruction = readonly [code: number, jt: number, jf: number, k: number];

const LOAD_BYTE = 0x30; // BPF_LD | BPF_B | BPF_ABS
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const TO_X = 0x07; // BPF_MISC | BPF_TAX
const XOR_X = 0xac; // BPF_ALU | BPF_XOR | BPF_X
const MULTIPLY = 0x24; // BPF_ALU | BPF_MUL | BPF_K
const SHIFT_RIGHT = 0x74; // BPF_ALU | BPF_RSH | BPF_K
const MODULO = 0x94; // BPF_ALU | BPF_MOD | BPF_K
const IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP = 0x05; // BPF_JMP | BPF_JA
const ANSWER_A = 0x16; // BPF_RET | BPF_A

const FACTOR = 0x9e3779b1;
const SHIFT = 15;

/** The program for `count` sockets: its answer is {@link socketOf} the source address. */
export function steeringProgram(count: number): Uint8Array {
  const six = [8, 12, 16, 20];
  const fold: Instruction[] = six.flatMap((offset, i): Instruction[] => [[LOAD_WORD, 0, 0, NETWORK + offset], ...(i === 0 ? [] : [[XOR_X, 0, 0, 0] as const]), [TO_X, 0, 0, 0]]);
  const program: Instruction[] = [
    [LOAD_BYTE, 0, 0, NETWORK],
    [SHIFT_RIGHT, 0, 0, 4],
    [IF_EQUAL, 0, 2, 4],
    [LOAD_WORD, 0, 0, NETWORK + 12],
    [JUMP, 0, 0, fold.length],
    ...fold,
    [MULTIPLY, 0, 0, FACTOR],
    [SHIFT_RIGHT, 0, 0, SHIFT],
    [MODULO, 0, 0, count],
    [ANSWER_A, 0, 0, 0],
  ];
  const bytes = new Uint8Array(8 * program.length);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, jt, jf, k], i) => {
    view.setUint16(8 * i, code, true);
    view.setUint8(8 * i + 2, jt);
    view.setUint8(8 * i + 3, jf);
    view.setUint32(8 * i + 4, k >>> 0, true);
  });
  return bytes;
}

/** Index of the socket, of `count`, that gets the datagrams of an address of 4 or 16 bytes. */
export function socketOf(address: Uint8Array, count: number): number {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  let word = 0;
  for (let i = 0; i < address.length; i += 4) word ^= view.getUint32(i);
  return (Math.imul(word, FACTOR) >>> SHIFT) % count;
}
