#!/bin/bash
# layer.sh DIRECTORY NAME: makes DIRECTORY/own and DIRECTORY/hide, overlayfs layers (own above hide above the host's /) that turn
# a copy of this Debian into a small system that boots: hardware units are masked, what the host has enabled is hidden.
set -euo pipefail
own=$1/own hide=$1/hide name=$2
units=$own/etc/systemd/system
mkdir -p "$units/multi-user.target.wants" "$hide" "$own"/etc/{tmpfiles.d,systemd/journald.conf.d,systemd/system.conf.d,systemd/system-generators}

masked=(systemd-udevd.service systemd-udevd-{kernel,control}.socket systemd-udev-trigger.service systemd-firstboot.service
  systemd-remount-fs.service getty.target getty-static.service console-getty.service {,serial-}getty@.service
  e2scrub_all.timer e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer fstrim.timer dpkg-db-backup.timer
  systemd-sysusers.service systemd-random-seed.service systemd-update-utmp{,-runlevel}.service systemd-timesyncd.service
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-tmpfiles-clean.timer var-lib-machines.mount
  systemd-pstore.service dev-hugepages.mount sys-kernel-{debug,tracing,config}.mount sys-fs-fuse-connections.mount tmp.mount
  systemd-repart.service modprobe@.service kmod-static-nodes.service systemd-modules-load.service systemd-sysctl.service
  systemd-journal-flush.service systemd-machine-id-commit.service systemd-ask-password-{wall,console}.path
  systemd-boot-system-token.service systemd-initctl.socket systemd-journald-audit.socket)
for unit in "${masked[@]}"; do ln -s /dev/null "$units/$unit"; done
for generator in /lib/systemd/system-generators/*; do ln -s /dev/null "$own/etc/systemd/system-generators/${generator##*/}"; done
ln -s /dev/null "$own/etc/tmpfiles.d/tmp.conf" # it would empty /tmp
ln -s /lib/systemd/system/multi-user.target "$units/default.target"
printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nAudit=no\n' > "$own/etc/systemd/journald.conf.d/test.conf"
printf '[Manager]\nDefaultTimeoutStartSec=60s\nDefaultTimeoutStopSec=15s\n' > "$own/etc/systemd/system.conf.d/test.conf"
: > "$own/etc/fstab"
echo "$name" > "$own/etc/hostname"
tr -d - < /proc/sys/kernel/random/uuid > "$own/etc/machine-id"

for file in /etc/systemd/system/*.wants /etc/systemd/system/*.requires /etc/rc?.d /.dockerenv; do
  [ -e "$file" ] || continue
  mkdir -p "$hide${file%/*}"
  mknod "$hide$file" c 0 0 # overlayfs's mark for "not there"
done
