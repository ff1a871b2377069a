#!/bin/sh
# Runs a command for as long as standard input stays open, and then ends it with all that it started.
#
# The runner holds the other end of that pipe, and the kernel closes it however the runner ends, also by SIGKILL: so
# nothing of ours outlives it. The emulator puts the runtime into a process group of its own and leaves it running when
# it is killed itself; the session is what they share.
#
# usage, as the leader of a session:  sh guard.sh COMMAND [ARGUMENT]…      needs /proc
exec 3<&0 </dev/null
"$@" 3<&- &
guarded=$!
{
  cat <&3 >/dev/null
  kill -TERM "$guarded"
  sleep 2
  kill -KILL "$guarded"
} 2>/dev/null &
wait "$guarded"
status=$?
{
  for stat in /proc/[0-9]*/stat; do
    read -r line <"$stat" || continue
    # pid (name) state parent group session …: the name may hold blanks and parentheses
    pid=${line%% *}
    set -- ${line##*) }
    [ "$4" = "$$" ] && [ "$pid" != "$$" ] && kill -KILL "$pid"
  done
} 2>/dev/null
exit "$status"
