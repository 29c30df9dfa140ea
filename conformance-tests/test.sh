#!/usr/bin/env bash
# Runs every test of the workspace and the conformance suite against every broker that it knows.
#
# usage: conformance-tests/test.sh [--install-only]
#
# Needs Rust. On Debian and its relatives it says what else is missing and installs it with apt-get; no service is
# started or left enabled by that. A broker that cannot be had is a failure, never a silent pass.
set -euo pipefail

# What must be there: packages | command or file that shows that they are | systemd units that they bring | what for
needs=(
    'gcc libc6-dev|cc||links Rust programs and compiles what some crates have of C'
    'rabbitmq-server|/usr/lib/rabbitmq/bin/rabbitmq-server|rabbitmq-server.service epmd.service epmd.socket|the broker of the targets amqp-rabbitmq, those named after it, and stomp-rabbitmq'
    'python3-pika|/usr/lib/python3/dist-packages/pika/__init__.py||the other client of the interoperability tests'
    'activemq|/usr/share/activemq/lib/activemq-broker.jar|activemq.service|another broker; brings Java, keytool and openssl'
    'libxstream-java libjettison-java|/usr/share/java/jettison.jar||what ActiveMQ says of itself is written as JSON by these'
    'libmqtt-client-java libhawtdispatch-java|/usr/share/java/mqtt-client.jar||what ActiveMQ reads MQTT with'
    'default-jdk-headless|javac||for programs with the JMS client of ActiveMQ'
    'python3-stomp|/usr/lib/python3/dist-packages/stomp/__init__.py||another STOMP client'
    'mosquitto mosquitto-clients|/usr/sbin/mosquitto|mosquitto.service|the broker of the targets named after MQTT'
    'python3-paho-mqtt|/usr/lib/python3/dist-packages/paho/mqtt/client.py||another MQTT client'
)

# What the conformance runner is run against. Two run at a time, so those with the heaviest brokers do not stand together.
targets=(
    stomp-activemq mqtt5-mosquitto mqtt3-mosquitto mqtt3-mosquitto-plain
    amqp-rabbitmq-cluster in-vm amqp-rabbitmq stomp-rabbitmq
    mqtt3-activemq amqp-rabbitmq-quorum mqtt3-rabbitmq
)

policy=/usr/sbin/policy-rc.d
policy_saved=$policy.saved-by-anymq
policy_mark='# temporary: conformance-tests/test.sh of anymq'

failed=()
finished=

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

is_there() {
    case $1 in
        /*) [ -e "$1" ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# Puts the machine's own policy-rc.d back; also what a killed run left behind.
restore_policy() {
    if grep -qsF "$policy_mark" "$policy"; then
        as_root rm -f "$policy"
    fi
    if [ -e "$policy_saved" ]; then
        as_root mv -f "$policy_saved" "$policy"
    fi
}

# Debian starts a service when its package is installed, and brokers listen on all interfaces then. 101 forbids it.
forbid_services() {
    restore_policy
    if [ -e "$policy" ]; then
        as_root mv "$policy" "$policy_saved"
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

install_packages() {
    local -a packages brought units=()
    local unit
    read -ra packages <<<"$1"
    read -ra brought <<<"$2"
    # What the machine has already, it may need.
    for unit in ${brought[@]+"${brought[@]}"}; do
        [ -e "/lib/systemd/system/$unit" ] || [ -e "/etc/init.d/${unit%.service}" ] || units+=("$unit")
    done
    forbid_services
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}"
    restore_policy
    # Not at the next boot either.
    if [ "${#units[@]}" -gt 0 ] && command -v systemctl >/dev/null; then
        as_root systemctl disable "${units[@]}"
    fi
}

install_missing() {
    local need packages shown_by units purpose all_packages='' all_units=''
    for need in "${needs[@]}"; do
        IFS='|' read -r packages shown_by units purpose <<<"$need"
        if is_there "$shown_by"; then
            echo "present: $packages ($purpose)"
        else
            echo "missing: $packages ($purpose)"
            all_packages+=" $packages"
            all_units+=" $units"
        fi
    done
    if [ -z "$all_packages" ]; then
        return
    fi
    if ! command -v apt-get >/dev/null; then
        echo "This system has no apt-get. Please install what is missing by its own means; the names are Debian's." >&2
        return 1
    fi
    echo "to install by apt-get, without starting services:$all_packages"
    install_packages "$all_packages" "$all_units"
}

# Runs one part; a failure does not keep the later parts from telling theirs.
part() {
    local name=$1
    shift
    printf '\n==> %s\n' "$name"
    if ! "$@"; then
        failed+=("$name")
    fi
}

conformance() {
    cargo run --quiet --release --package anymq-conformance --bin conformance --locked -- "$@"
}

run_target() {
    local target=$1 report=$2
    # A report of an earlier run must not pass for one of this.
    rm -f "$report"
    conformance run --target "$target" --format human --report "$report" || return
    if [ ! -s "$report" ]; then
        echo "target $target wrote no report to $report" >&2
        return 1
    fi
}

# Two at a time, since each waits more than it computes. What one tells comes as one piece when it is done.
run_targets() {
    local reports=$1 target
    local -A running=()
    for target in "${targets[@]}"; do
        [ "${#running[@]}" -lt 2 ] || end_of_one
        run_target "$target" "$reports/$target.json" >"$reports/$target.log" 2>&1 &
        running[$!]=$target
    done
    while [ "${#running[@]}" -gt 0 ]; do
        end_of_one
    done
}

# Of those in `running`, whichever ends first.
end_of_one() {
    local pid='' status=0
    wait -n -p pid "${!running[@]}" || status=$?
    printf '\n==> target %s\n' "${running[$pid]}"
    cat "$reports/${running[$pid]}.log"
    if [ "$status" -ne 0 ]; then
        failed+=("target ${running[$pid]}")
    fi
    unset "running[$pid]"
}

# A few numbers of each; all of them are for those who change fail-over.
run_faults() {
    local target=$1 seeds=$2
    conformance faults --target "$target" --seeds "$seeds"
}

run_tests() {
    local reports=${CARGO_TARGET_DIR:-target}/conformance
    export ANYMQ_REQUIRE_BROKERS=1
    mkdir -p "$reports"
    part 'cargo test' cargo test --workspace --all-features --locked --no-fail-fast
    part 'the conformance runner' cargo build --release --package anymq-conformance --bin conformance --locked
    run_targets "$reports"
    part 'faults in-vm' run_faults in-vm 10
    part 'faults amqp-rabbitmq' run_faults amqp-rabbitmq 4
    part 'faults stomp-rabbitmq' run_faults stomp-rabbitmq 2
    part 'faults stomp-activemq' run_faults stomp-activemq 2
    part 'faults mqtt5-mosquitto' run_faults mqtt5-mosquitto 2
    part 'faults mqtt3-rabbitmq' run_faults mqtt3-rabbitmq 2
}

# The last line says how it ended, whatever ended it.
finish() {
    local status=$?
    restore_policy
    if [ "${#failed[@]}" -gt 0 ]; then
        status=1
        printf '\ntest.sh: FAILED:' >&2
        printf ' [%s]' "${failed[@]}" >&2
        echo >&2
    elif [ -z "$finished" ]; then
        printf '\ntest.sh: FAILED (status %s)\n' "$status" >&2
    else
        printf '\ntest.sh: %s\n' "$finished"
    fi
    exit "$status"
}

main() {
    local install_only=
    case ${1-} in
        '') ;;
        --install-only) install_only=1 ;;
        *)
            echo 'usage: test.sh [--install-only]' >&2
            exit 2
            ;;
    esac
    trap finish EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
    if ! command -v cargo >/dev/null; then
        echo 'cargo is not on the PATH: please install Rust first.' >&2
        exit 1
    fi
    install_missing
    if [ -n "$install_only" ]; then
        finished='INSTALLED'
        return
    fi
    run_tests
    finished="PASSED: cargo test and the targets ${targets[*]}"
}

main "$@"
