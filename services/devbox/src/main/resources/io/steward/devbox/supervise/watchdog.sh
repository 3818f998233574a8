# Reads "+ PID SIGNAL" for a child that began and "- PID -" for one that ended. At the end of the
# input, which comes when the supervisor is gone, it ends the remaining children and every process
# whose environment holds the mark in $1.
trap '' INT TERM HUP
children=' '
while read -r sign pid signal; do
  case "$sign" in
    +) children="$children$pid:$signal " ;;
    -) left=' '
       for child in $children; do
         [ "${child%%:*}" = "$pid" ] || left="$left$child "
       done
       children="$left" ;;
  esac
done
for child in $children; do
  kill "-${child##*:}" "${child%%:*}"
done
marked() {
  grep -l -a -F -- "$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do
    echo "$pid"
  done
}
for round in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for pid in $(marked "$1"); do
    case "$children" in
      *" $pid:INT "*) ;;
      *) kill -KILL "$pid" ;;
    esac
    left=yes
  done
  for child in $children; do
    ! kill -0 "${child%%:*}" || left=yes
  done
  [ -n "$left" ] || exit 0
  sleep 0.2
done
for child in $children; do
  kill -KILL "${child%%:*}"
done
