# Runs as the app "ace-main": what the appc executor spec (ace.md) promises an app, clause by clause.
check() { # CLAUSE CONDITION…
  clause=$1
  shift
  if "$@" > /tmp/output 2>&1; then echo "ok $clause"; else echo "not ok $clause: $(busybox head -c 300 /tmp/output)"; fi
}
get() { busybox wget -q -O - "$AC_METADATA_URL/acMetadata/v1/$1"; }
type() { busybox wget -S -O /dev/null "$AC_METADATA_URL/acMetadata/v1/$1" 2>&1 | busybox grep -i "content-type: $2"; }
post() { busybox wget -q -O - --post-data "$2" "$AC_METADATA_URL/acMetadata/v1/$1"; }
encoded() { echo "$1" | busybox sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g'; }
is() { test "$1" = "$2" || { echo "got $1"; false; }; }
matches() { echo "$1" | busybox grep -Eq "$2" || { echo "got $1"; false; }; }
within() { for _ in $(busybox seq 100); do test -e "$1" && return; sleep 0.05; done; false; }
writable() { echo x > "$1/own" && is "$(cat "$1/own")" x; }
signed() {
  signature=$(post pod/hmac/sign content=hello)
  post pod/hmac/verify "content=hello&uuid=$(get pod/uuid)&signature=$(encoded "$signature")"
}
unsigned() { ! post pod/hmac/verify "content=other&uuid=$(get pod/uuid)&signature=$(encoded "$signature")"; }

check 'PATH is the default' is "$PATH" /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
check 'AC_APP_NAME is the name of the app' is "$AC_APP_NAME" ace-main
check 'variables of the image are set' is "$IN_ACE_VALIDATOR" correct
check 'the working directory is that of the image' is "$(pwd)" /opt/acvalidator
check 'the user is that of the image' is "$(id -u):$(id -g)" 0:0
check 'the pre-start handler has run before' test -e /db/prestart
check 'the post-stop handler has not run yet' test ! -e /db/poststop
check 'the mount point is a mount' busybox grep -q ' /db ' /proc/self/mountinfo
check 'the mount point can be written' writable /db
check 'a read-only mount point cannot be written' eval '! touch /ro/x'
for device in null zero full random urandom tty; do check "/dev/$device is a device" test -c /dev/$device; done
for directory in /proc/self /sys/class /dev/pts /dev/shm; do check "$directory is there" test -d $directory; done
check 'host name and /etc/hosts go together' busybox grep -q "$(hostname)" /etc/hosts
check 'AC_METADATA_URL is set' matches "$AC_METADATA_URL" '^http://[0-9.]+:[0-9]+/[0-9a-f]{32}$'
check 'pod/uuid is a UUID, as text' matches "$(get pod/uuid)" '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
check 'pod/uuid has the type text/plain' type pod/uuid 'text/plain; charset=us-ascii'
check 'pod/manifest is the manifest' matches "$(get pod/manifest)" '"acKind":"PodManifest"'
check 'pod/manifest has the type application/json' type pod/manifest application/json
check 'pod/annotations are JSON' matches "$(get pod/annotations)" '^\[.*\]$'
check 'apps/NAME/annotations/NAME is the value' is "$(get apps/ace-main/annotations/ace/check)" yes
check 'apps/NAME/annotations are JSON' matches "$(get apps/ace-main/annotations)" '"ace/check"'
check 'apps/NAME/image/id is an image ID' matches "$(get apps/ace-main/image/id)" '^sha512-[0-9a-f]{128}$'
check 'apps/NAME/image/manifest is the manifest' matches "$(get apps/ace-main/image/manifest)" '"example.com/ace-main"'
check 'the other app of the pod can be asked about' matches "$(get apps/ace-side/image/id)" '^sha512-'
check 'what is not there is not found' eval '! get apps/nobody/image/id'
check 'a signature of the pod is verified' signed
check 'a signature of another text is not' unsigned
echo main > /db/main
check 'the other app shares the volume' within /db/side
check 'the other app is in the same network' matches "$(cat /db/side)" "$(busybox ip -4 addr show eth0 | busybox grep -o 'inet [0-9.]*')"
check 'the apps have file systems of their own' test ! -e /only-side
