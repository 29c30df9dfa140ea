# Runs one program and outlives nobody: when the pipe on standard input closes, because the process that holds its
# other end has ended in any way at all, SIGKILL included, the whole process group of this shell is ended.
#
# usage: sh -c "$THIS" guard GRACE SCRATCH PROGRAM [ARGUMENT...]
#   GRACE    tenths of a second that the group gets between SIGTERM and SIGKILL; 0 sends SIGKILL at once
#   SCRATCH  a directory to remove after that, or empty
#
# The caller makes this shell the leader of a process group of its own. SIGTERM to the leader is passed on to the
# program alone; SIGKILL is for the group.
grace=$1
scratch=$2
shift 2
exec 3<&0 </dev/null

program=
asked=
pass_on() {
    asked=1
    [ -z "$program" ] || kill -s TERM "$program" 2>/dev/null
}
trap pass_on TERM
"$@" 3<&- &
program=$!
# It may have been asked, and may even have said that it is up, before its number was known here.
[ -z "$asked" ] || pass_on

(
    trap '' TERM
    read -r _ <&3
    # The group, not the program: its number may be somebody else's by now, the group's cannot, for we are in it.
    [ "$grace" -eq 0 ] || kill -s TERM -- "-$$"
    while [ "$grace" -gt 0 ] && kill -s 0 "$program"; do
        sleep 0.1
        grace=$((grace - 1))
    done
    # The directory can go only when nobody writes there any more. SIGKILL to the group ends this subshell too, so
    # the sweeping is done from another session.
    if [ -n "$scratch" ] && command -v setsid >/dev/null; then
        # shellcheck disable=SC2016 # expanded by the inner shell
        setsid sh -c '
            kill -s KILL -- "-$1"
            tries=100
            while [ "$tries" -gt 0 ] && kill -s 0 -- "-$1"; do
                sleep 0.05
                tries=$((tries - 1))
            done
            rm -rf -- "$2"
        ' sweep "$$" "$scratch"
    fi
    kill -s KILL -- "-$$"
) 2>/dev/null &

wait "$program"
status=$?
# A trapped SIGTERM ends `wait` early, while the program is still on its way out.
while kill -s 0 "$program" 2>/dev/null; do
    wait "$program"
    status=$?
done
exit "$status"
