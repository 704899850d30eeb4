#!/usr/bin/env bash
# Kafka stops in the middle of a load and comes back: what the collector's spool holds, what its memory does, what arrives.
#
#   load-tests/bench/spool.sh
#
# From the environment: RATE (50000 flows/s), AWAY (600 s), AROUND (30 s of load before and after), KAFKA_PORT (29692), REGISTRY_PORT
# (28692), PORT (21200: NetFlow and IPFIX), HTTP_PORT (21290), NETWEAVER ("node dist/bin/netweaver.js"). Needs a build and node-rdkafka.
# Prints progress to standard error, and a line of JSON at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
rate=${RATE:-50000} away=${AWAY:-600} around=${AROUND:-30}
kafka_port=${KAFKA_PORT:-29692} registry_port=${REGISTRY_PORT:-28692} port=${PORT:-21200} http=${HTTP_PORT:-21290}
netweaver=${NETWEAVER:-node dist/bin/netweaver.js}
work=$(mktemp -d)
collector= generator=
finish() {
  [[ -z $generator ]] || kill "$generator" 2>/dev/null || true
  [[ -z $collector ]] || kill "$collector" 2>/dev/null && wait "$collector" 2>/dev/null || true
  $netweaver dev registry stop --port "$registry_port" >&2 || true
  $netweaver dev kafka stop --port "$kafka_port" >&2 || true
  rm -rf "$work"
}
trap finish EXIT
say() { echo "$(date +%T) $*" >&2; }
state() { curl -s "http://127.0.0.1:$http/collector/spool"; }
field() { node -pe 'const path = process.argv[1].split("."); path.reduce((value, name) => value[name], JSON.parse(require("fs").readFileSync(0, "utf8")))' "$1"; }
memory() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$collector/status"; }

$netweaver dev kafka start --port "$kafka_port" --data "$work/kafka" >&2
$netweaver dev registry start --port "$registry_port" >&2
settings=(--set "kafka.brokers=127.0.0.1:$kafka_port" --set "registry.url=http://127.0.0.1:$registry_port/apis/ccompat/v7" --set "data.dir=$work/data"
  --set "http.collectPort=$http" --set telemetry.logLevel=warn)
$netweaver topics apply "${settings[@]}" >&2
# exec: the number is node's own
(exec $netweaver collect "${settings[@]}" --set "collector.netflowPort=$port" --set "collector.ipfixPort=$port" --set collector.sflowPort=-1) >&2 &
collector=$!
until curl -sf "http://127.0.0.1:$http/readyz" >/dev/null; do sleep 0.2; done

$netweaver generate --rate "$rate" --duration $((around * 2 + away)) --protocols v5,v9,ipfix --sampling none --netflow-port "$port" --ipfix-port "$port" --json >"$work/sent" &
generator=$!
sleep "$around"
before=$(memory)
say "Kafka stops; memory $before MiB"
$netweaver dev kafka stop --port "$kafka_port" >&2
most=$before
for ((second = 0; second < away; second += 10)); do
  sleep 10
  now=$(memory)
  ((now > most)) && most=$now
  ((second % 60)) || say "$second s: memory $now MiB, spool $(state)"
done
held=$(state | field bytes)
$netweaver dev kafka start --port "$kafka_port" --data "$work/kafka" >&2
say "Kafka is back; spool $(state)"
back=$SECONDS
until [[ $(state | field active) == false ]]; do sleep 0.2; done
drained=$((SECONDS - back))
say "delivered after $drained s; memory $(memory) MiB"
wait "$generator"
generator=
sleep 2
received=$(curl -s "http://127.0.0.1:$http/metrics" | awk '/^netweaver_collector_flows_total/ { sum += $2 } END { print sum }')
lost=$(curl -s "http://127.0.0.1:$http/metrics" | awk '/^netweaver_collector_(kernel_drops|dropped_datagrams|spool_dropped_batches)_total/ { sum += $2 } END { print sum + 0 }')
end=$(memory)
kill "$collector"
wait "$collector" || true
collector=
found=$(node -r ./bin/ts.cjs load-tests/bench/spool-count.ts "127.0.0.1:$kafka_port" flows.raw)
node -e '
  const [sent, found, rate, away, received, lost, held, drained, before, most, end] = process.argv.slice(1).map((text) => JSON.parse(text));
  console.log(JSON.stringify({ rate, awaySeconds: away, sentFlows: sent.flows, decodedFlows: received, onTheLog: found, datagramsOrBatchesLost: lost, spoolMiB: Math.round(held / 2 ** 20),
    deliveredAfterSeconds: drained, memoryMiB: { before, most, end } }));
' "$(cat "$work/sent")" "$found" "$rate" "$away" "$received" "$lost" "$held" "$drained" "$before" "$most" "$end"
