#!/usr/bin/env bash
# The whole collector against others, on real Kafka: CPU per flow from datagram to acknowledged record.
#
#   load-tests/bench/collector-rival.sh FOLDER [PROTO...]
#
# FOLDER holds the scripts `kafka` (start: prints the bootstrap address) and `measure` (--cmd, --ready, --count, --proto, --rate,
# --flows; hands FLOW_PORT, KAFKA_BOOTSTRAP and KAFKA_TOPIC to the command; --rival NAME measures another collector). PROTO is
# v5, v9, ipfix or sflow; all of them by default. From the environment: RATES ("50000 200000"), RIVALS ("nfcapd goflow2"; empty
# for none), RUNS (1), SECONDS_EACH (8), WARM (50000: flows
# sent before, for templates and the just-in-time compiler), KAFKA_PORT (29392), REGISTRY_PORT (28391), HTTP_PORT (21100). Needs `npm run build` and
# node-rdkafka. Flows out are counted by reading the topic back. Prints a line of JSON a measurement.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:?usage: $0 FOLDER [PROTO...]}
shift
protocols=("$@")
[[ $# -gt 0 ]] || protocols=(v5 v9 ipfix sflow)
export KAFKA_PORT=${KAFKA_PORT:-29392}
registry_port=${REGISTRY_PORT:-28391} http_port=${HTTP_PORT:-21100}
netweaver="node dist/bin/netweaver.js"

"$folder/kafka" start >&2
registry=$($netweaver dev registry start --port "$registry_port" | sed 's/^[^=]*=//')
trap '$netweaver dev registry stop --port "$registry_port" >&2; "$folder/kafka" stop >&2 || true' EXIT

export HTTP_PORT=$http_port REGISTRY_URL=$registry
command=$PWD/load-tests/bench/collector

for ((run = 0; run < ${RUNS:-1}; run++)); do
  for rate in ${RATES:-50000 200000}; do
    for protocol in "${protocols[@]}"; do
      load=(--proto "$protocol" --rate "$rate" --flows $((rate * ${SECONDS_EACH:-8})) --warm "${WARM:-50000}")
      "$folder/measure" --cmd "$command" --name netweaver --version "$($netweaver --version)" \
        --ready "http://127.0.0.1:$http_port/readyz" --count "$command --count" "${load[@]}"
      for rival in ${RIVALS-nfcapd goflow2}; do "$folder/measure" --rival "$rival" "${load[@]}" || true; done
    done
  done
done
