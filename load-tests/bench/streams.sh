#!/usr/bin/env bash
# NetWeaver's processors beside Kafka Streams on one broker: CPU and flows a second, outputs compared. Builds both.
#
#   load-tests/bench/streams.sh [further arguments of streams.ts]
#
# From the environment: KAFKA and REGISTRY (where they run; without them both are started for the time of the run), KEYS (1000,200000,2000000),
# FLOWS (5000000 measured), WARM (1000000 before), RATE (100000 flows a second of event time), ROUNDS (3), VARIANTS (parts of names; all
# where empty), HEAP (4g), CACHE (512 MiB), DIST (a build of NetWeaver; dist is built where it is not given), KAFKA_PORT (29792) and
# REGISTRY_PORT (28792) of those that are started. Needs node-rdkafka, Java 17 and Maven.
# A round of a variant takes minutes; for 2 M keys give WARM at least twice as many flows, and HEAP=8g CACHE=2048.
# Writes load-tests/results/streams.txt, where RESULT does not name another file; progress goes to standard error.
set -euo pipefail
cd "$(dirname "$0")/../.."
result=${RESULT:-load-tests/results/streams.txt}
if [[ -z ${DIST:-} ]]; then node bin/build.mjs >&2; fi
dist=${DIST:-dist}
mvn -q -B -f load-tests/rivals/kafka-streams package >&2
netweaver="node $dist/bin/netweaver.js"
if [[ -z ${KAFKA:-} ]]; then
  work=$(mktemp -d)
  kafka_port=${KAFKA_PORT:-29792} registry_port=${REGISTRY_PORT:-28792}
  finish() {
    $netweaver dev registry stop --port "$registry_port" >&2 || true
    $netweaver dev kafka stop --port "$kafka_port" >&2 || true
    rm -rf "$work"
  }
  trap finish EXIT
  $netweaver dev kafka start --port "$kafka_port" --data "$work/kafka" >&2
  $netweaver dev registry start --port "$registry_port" >&2
  KAFKA=127.0.0.1:$kafka_port
  REGISTRY=http://127.0.0.1:$registry_port/apis/ccompat/v7
fi
{
  echo "Processors beside Kafka Streams. load-tests/bench/streams.sh $*"
  node -r ./bin/ts.cjs load-tests/bench/streams.ts --kafka "$KAFKA" --registry "${REGISTRY:?where the registry is}" --dist "$dist" --keys "${KEYS:-1000,200000,2000000}" \
    --flows "${FLOWS:-5000000}" --warm "${WARM:-1000000}" --rate "${RATE:-100000}" --rounds "${ROUNDS:-3}" --variants "${VARIANTS:-}" --heap "${HEAP:-4g}" --cache "${CACHE:-512}" "$@"
} | tee "$result.new"
mv "$result.new" "$result"
