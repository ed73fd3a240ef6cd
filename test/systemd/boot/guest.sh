#!/bin/sh
# The first process on the guest's kernel, its root the host's / and read only: makes the overlay root and executes systemd there.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -n -t proc proc /proc
read -r line < /proc/cmdline
for word in $line; do case $word in guest=*) guest=${word#guest=} ;; esac done
[ -e /dev/null ] || mount -n -t devtmpfs devices /dev
mount -n -t tmpfs -o size=75%,mode=755 tmpfs /run
mkdir -p /run/upper /run/work /run/root /run/guest /run/pods /run/home
busybox insmod /usr/lib/uml/modules/*/kernel/fs/overlayfs/overlay.ko
mount -n -t hostfs -o "$guest" none /run/guest
layer=/run/guest/layer
mount -n -t overlay -o "lowerdir=$layer/own:$layer/hide:/,upperdir=/run/upper,workdir=/run/work" overlay /run/root || {
  echo 'no overlay'
  echo o > /proc/sysrq-trigger
  sleep 9
}
root=/run/root
mkdir -p $root/control $root/var/lib/tsrkt
mount -n -t devtmpfs devices $root/dev
mount -n -t sysfs sysfs $root/sys
mount -n --bind /run/guest/control $root/control
mount -n --bind /run/guest/disk/tmp $root/tmp
mount -n --bind /run/pods $root/var/lib/tsrkt # pods' overlays want a file system that is none itself below them
mount -n --bind /run/home $root/home
i=0
while read -r directory; do
  i=$((i + 1))
  mkdir -p "$root$directory"
  mount -n --bind "/run/guest/shared$i" "$root$directory"
done < /run/guest/control/shared
mount -n --move /proc $root/proc
cd $root || exit
exec switch_root $root /lib/systemd/systemd < /dev/null
