package netweaver.rival;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import netweaver.flows.FlowBatch;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;

/**
 * Batches of flows as bytes and as objects. The objects of a batch are used again for the next, so nobody keeps them;
 * one instance a processor.
 */
final class Batches {
  /** Bytes before an Avro value: zero, and the number of its schema. */
  static final int PREFIX = 5;

  private static final Schema WRITTEN = written();

  private final SpecificDatumReader<FlowBatch> reader;
  private BinaryDecoder decoder;
  private FlowBatch batch;

  Batches() {
    SpecificData model = SpecificData.getForClass(FlowBatch.class);
    model.setFastReaderEnabled(true);
    reader = new SpecificDatumReader<>(WRITTEN, FlowBatch.getClassSchema(), model);
  }

  FlowBatch decode(byte[] value) {
    try {
      decoder = DecoderFactory.get().binaryDecoder(value, PREFIX, value.length - PREFIX, decoder);
      batch = reader.read(batch, decoder);
      return batch;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /**
   * The batch with the flows whose observers have that sign, {@code null} where there are none. A batch that stays whole
   * and as it was is handed on as it came; any other is read in full and written again.
   */
  byte[] select(byte[] value, byte[] observers, int flows, int sign) {
    int chosen = 0;
    boolean same = true;
    for (int row = 0; row < flows; row++) {
      if (sign * observers[row] > 0) chosen++;
      same &= observers[row] == 1;
    }
    if (chosen == 0) return null;
    return same ? value : rewrite(value, observers, sign);
  }

  private static byte[] rewrite(byte[] value, byte[] observers, int sign) {
    try {
      GenericRecord whole = new GenericDatumReader<GenericRecord>(WRITTEN).read(null, DecoderFactory.get().binaryDecoder(value, PREFIX, value.length - PREFIX, null));
      List<?> flows = (List<?>) whole.get("flows");
      GenericData.Array<Object> kept = new GenericData.Array<>(flows.size(), WRITTEN.getField("flows").schema());
      for (int row = 0; row < flows.size(); row++) {
        if (sign * observers[row] <= 0) continue;
        GenericRecord flow = (GenericRecord) flows.get(row);
        flow.put("observers", Math.abs(observers[row]));
        kept.add(flow);
      }
      whole.put("flows", kept);
      ByteArrayOutputStream out = new ByteArrayOutputStream(value.length);
      out.write(value, 0, PREFIX);
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(WRITTEN).write(whole, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Copies an address into a key; the place after it. */
  static int put(ByteBuffer address, byte[] key, int at) {
    int length = address.remaining();
    address.get(address.position(), key, at, length);
    return at + length;
  }

  private static Schema written() {
    try (InputStream in = Batches.class.getResourceAsStream("/flow-batch.avsc")) {
      return new Schema.Parser().parse(in);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
