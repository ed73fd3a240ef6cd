#!/bin/bash
# kernel.sh STATE: boots this Debian on a kernel of its own, Debian's user-mode-linux, with a throw-away overlay of / as its root:
# the place to see cgroup v2 with controllers where the host has given them to v1. Whoever kills this process ends all of it.
# STATE holds: name, shared (directories seen inside), and as control/ what the guest's agent.sh is told and answers.
set -euo pipefail
state=$1
if [ "${2:-}" != inside ]; then exec unshare --mount --pid --fork --kill-child=KILL "$0" "$state" inside; fi

mount --make-rprivate /
mount -t proc proc /proc
mkdir -p "$state"/{lower,guest/disk/tmp}
chmod 1777 "$state/guest/disk/tmp"
"${0%/*}/layer.sh" "$state/guest/layer" "$(cat "$state/name")"
units=$state/guest/layer/own/etc/systemd/system
cat > "$units/agent.service" <<'UNIT'
[Unit]
Description=Runs what the test asks for
After=multi-user.target
[Service]
ExecStart=/bin/bash /control/agent.sh
UNIT
ln -s ../agent.service "$units/multi-user.target.wants/"
mv "$state/control" "$state/guest/control"
cp "${0%/*}"/{agent,guest}.sh "$state/guest/control/"
i=0
while read -r directory; do
  i=$((i + 1))
  mkdir "$state/guest/shared$i"
  mount --bind "$directory" "$state/guest/shared$i"
done < "$state/shared"
cp "$state/shared" "$state/guest/control/shared"
mount --bind / "$state/lower" # without the host's /proc, /sys and /dev
mount -o remount,bind,ro "$state/lower"

mkdir -p /dev/shm
export TMPDIR=/dev/shm HOME=$state
exec linux.uml "umid=$(cat "$state/name")" "uml_dir=$state/uml" mem=2048M rootfstype=hostfs "rootflags=$state/lower" root=/dev/root ro \
  "init=$state/guest/control/guest.sh" "guest=$state/guest" con=null con0=fd:0,fd:1 quiet loglevel=3 selinux=0 systemd.show_status=0 \
  < /dev/null > "$state/console" 2>&1
