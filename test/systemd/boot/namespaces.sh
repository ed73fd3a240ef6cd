#!/bin/bash
# namespaces.sh STATE: boots this Debian's own systemd as PID 1 of fresh pid, mount, uts, ipc, network and cgroup namespaces on a
# throw-away overlay of /. Whoever kills this process ends all of it. STATE holds: cgroup (a new directory of the cgroup2 hierarchy,
# ours), v1 (new directories of v1 hierarchies, or nothing), shared (directories seen inside, read only), name.
set -euo pipefail
state=$1
if [ "${2:-}" != inside ]; then
  cgroup=$(cat "$state/cgroup")
  mkdir -p "$cgroup/outside" "$cgroup/inside"
  echo $$ > "$cgroup/outside/cgroup.procs"
  # systemd's cgroup namespace begins at `inside`: first into it, then the namespace
  exec unshare --mount --uts --ipc --net --pid --fork --kill-child=KILL bash -c '
    echo 0 > "$1/inside/cgroup.procs"
    while read -r directory; do
      for file in cpuset.cpus cpuset.mems; do
        [ ! -e "$directory/$file" ] || cat "$directory/../$file" > "$directory/$file" # empty in a new cpuset, and nothing can join
      done
      echo 0 > "$directory/cgroup.procs"
    done < "$2/v1"
    exec unshare --cgroup "$0" "$2" inside' "$0" "$cgroup" "$state"
fi

mount --make-rprivate /
root=$state/root
mkdir -p "$root" "$state/overlay"
mount -t tmpfs -o mode=755 tmpfs "$state/overlay"
mkdir "$state"/overlay/{upper,work}
"${0%/*}/layer.sh" "$state/overlay" "$(cat "$state/name")"
mount -t overlay overlay -o "lowerdir=$state/overlay/own:$state/overlay/hide:/,upperdir=$state/overlay/upper,workdir=$state/overlay/work" "$root"
hostname "$(cat "$state/name")"

mount -t proc -o nosuid,noexec,nodev proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net" # stays writable: it is this network namespace's
mount -o remount,bind,ro,nosuid,noexec,nodev "$root/proc/sys"
mount -t sysfs -o ro,nosuid,noexec,nodev sysfs "$root/sys"
if [ -s "$state/v1" ]; then
  mount -t tmpfs -o mode=755,nosuid,noexec,nodev tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/unified"
  mount -t cgroup2 -o nosuid,noexec,nodev cgroup2 "$root/sys/fs/cgroup/unified"
  while read -r directory; do
    controller=${directory#/sys/fs/cgroup/} controller=${controller%%/*}
    mkdir "$root/sys/fs/cgroup/$controller"
    [ "$controller" = systemd ] && options=none,name=systemd || options=$controller
    mount -t cgroup -o "nosuid,noexec,nodev,$options" cgroup "$root/sys/fs/cgroup/$controller"
  done < "$state/v1"
else
  mount -t cgroup2 -o nosuid,noexec,nodev cgroup2 "$root/sys/fs/cgroup"
fi

mount -t tmpfs -o mode=755,nosuid,strictatime tmpfs "$root/dev"
for node in null zero full random urandom tty fuse net/tun; do
  [ -e "/dev/$node" ] || continue
  mkdir -p "$(dirname "$root/dev/$node")"
  cp -a "/dev/$node" "$root/dev/$node"
done
mknod -m 600 "$root/dev/console" c 1 3
mkdir "$root"/dev/{pts,shm,mqueue}
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
mount -t mqueue mqueue "$root/dev/mqueue"
ln -s /proc/self/fd "$root/dev/fd"
for i in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${i%:*}" "$root/dev/${i#*:}"; done

mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
# complete second instances: without them the kernel refuses a new proc or sysfs in user namespaces made inside
mkdir -p "$root"/run/{lock,host/proc,host/sys}
mount -t proc -o nosuid,noexec,nodev proc "$root/run/host/proc"
mount -t sysfs -o nosuid,noexec,nodev sysfs "$root/run/host/sys"
# pods' overlays want a file system that is none itself below them
for directory in /var/lib/tsrkt /tmp /home; do
  mkdir -p "$state/disk$directory" "$root$directory"
  mount --bind "$state/disk$directory" "$root$directory"
done
chmod 1777 "$root/tmp"
while read -r directory; do
  mkdir -p "$root$directory"
  mount --rbind -o ro "$directory" "$root$directory"
done < "$state/shared"

mkdir -p "$root/run/old"
cd "$root"
pivot_root . run/old
umount -l run/old
rmdir run/old
mount --make-rshared / # as systemd and container engines expect of /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  /lib/systemd/systemd --system --unit=multi-user.target --show-status=no < /dev/null > /dev/null 2>&1
