import { ipfix, set } from '../../../domain/flow/fixtures';
import { MessageCutter } from './message-cutter';

const message = (content: number, length: number): Buffer => ipfix([set(300, Buffer.alloc(length, content))]);

/** What is cut out of `stream` where it comes in pieces of `size`; null where it was refused. */
function cut(stream: Buffer, size: number): Buffer[] | null {
  const messages: Buffer[] = [];
  const cutter = new MessageCutter((found) => messages.push(Buffer.from(found)));
  for (let at = 0; at < stream.length; at += size) if (!cutter.take(stream.subarray(at, at + size))) return null;
  return messages;
}

describe('a stream of IPFIX messages', () => {
  const messages = [message(1, 40), message(2, 0), message(3, 1000), message(4, 65_000), message(5, 8)];

  test.each([1, 2, 3, 4, 15, 16, 17, 100, 1460, 65_536, 1e6])('is cut by the lengths in the headers, whatever pieces it comes in: %d bytes', (size) => {
    expect(cut(Buffer.concat(messages), size)).toEqual(messages);
  });

  test('what is not whole waits', () => {
    const stream = Buffer.concat(messages);
    expect(cut(stream.subarray(0, stream.length - 1), 1000)).toEqual(messages.slice(0, -1));
  });

  test.each([
    ['another version', Buffer.from('0009001400000000', 'hex')],
    ['a length that is shorter than a header', Buffer.from('000a000f00000000', 'hex')],
    ['something else', Buffer.from('GET / HTTP/1.1\r\n')],
  ])('%s is refused at once, and after whole messages too', (_, wrong) => {
    expect(cut(wrong, 100)).toBeNull();
    expect(cut(Buffer.concat([...messages, wrong]), 7)).toBeNull();
  });
});
