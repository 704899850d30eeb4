import { kafkaSettings } from './testing';
import { logContract } from '../contract';
import { KafkaLog } from './log';

const bootstrap = process.env.NETWEAVER_TEST_KAFKA;
const whenKafka = bootstrap ? describe : describe.skip;

whenKafka(`the log, on Kafka${bootstrap ? '' : ' (left out: set NETWEAVER_TEST_KAFKA to the address of a broker)'}`, () => {
  jest.setTimeout(120_000);
  logContract({
    open: async () => new KafkaLog({ ...kafkaSettings(bootstrap as string), sessionTimeoutMs: 6000 }),
    maintain: null,
  });
});
