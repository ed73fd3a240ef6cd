# Runs as the app "ace-main": what the appc executor spec (ace.md) promises an app, clause by clause.
check() { # CLAUSE CONDITION…
  clause=$1
  shift
  if "$@" > /tmp/output 2>&1; then echo "ok $clause"; else echo "not ok $clause: $(busybox head -c 300 /tmp/output)"; fi
}
is() { test "$1" = "$2" || { echo "got $1"; false; }; }
matches() { echo "$1" | busybox grep -Eq "$2" || { echo "got $1"; false; }; }
within() { for _ in $(busybox seq 100); do test -e "$1" && return; sleep 0.05; done; false; }
has_prestart() { busybox grep -Fx "$1" /db/prestart; }
writable() { echo x > "$1/own" && is "$(cat "$1/own")" x; }

check 'PATH is the default' is "$PATH" /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
check 'AC_APP_NAME is the name of the app' is "$AC_APP_NAME" ace-main
check 'container is the name of the executor' is "$container" tsrkt
check 'variables of the image are set' is "$IN_ACE_VALIDATOR" correct
check 'the working directory is that of the image' is "$(pwd)" /opt/acvalidator
check 'the user is that of the image' is "$(id -u):$(id -g)" 0:0
check 'the pre-start handler has run before' test -e /db/prestart
check 'the pre-start handler has the same PATH' has_prestart "PATH=$PATH"
check 'the pre-start handler has the same AC_APP_NAME' has_prestart "AC_APP_NAME=$AC_APP_NAME"
check 'the pre-start handler has the same AC_METADATA_URL' has_prestart "AC_METADATA_URL=$AC_METADATA_URL"
check 'the pre-start handler has the same container' has_prestart "container=$container"
check 'the post-stop handler has not run yet' test ! -e /db/poststop
check 'the mount point is a mount' busybox grep -q ' /db ' /proc/self/mountinfo
check 'the mount point can be written' writable /db
check 'a read-only mount point cannot be written' eval '! touch /ro/x'
for device in null zero full random urandom tty; do check "/dev/$device is a device" test -c /dev/$device; done
for directory in /proc/self /sys/class /dev/pts /dev/shm; do check "$directory is there" test -d $directory; done
check 'host name and /etc/hosts go together' busybox grep -q "$(hostname)" /etc/hosts
echo main > /db/main
check 'the other app shares the volume' within /db/side
check 'the other app is in the same network' matches "$(cat /db/side)" "$(busybox ip -4 addr show eth0 | busybox grep -o 'inet [0-9.]*')"
check 'the apps have file systems of their own' test ! -e /only-side
