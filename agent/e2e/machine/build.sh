#!/bin/sh
# Builds the image of one Debian suite into ROOT. Runs as PID 1 of its own PID and mount namespaces:
# whatever debootstrap starts or mounts ends with this script, however it ends.
#   build.sh SUITE PACKAGES ROOT MIRROR
set -eu
suite=$1 packages=$2 root=$3 mirror=$4

mount --make-rprivate /
mount -t proc proc /proc
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror"
umount -R "$root/proc" "$root/sys" 2>/dev/null || true

# One name on every machine, so that captured logs compare.
echo web >"$root/etc/hostname"
printf '%s\n' '127.0.0.1 localhost web shop.example.com' '::1 localhost' >"$root/etc/hosts"
: >"$root/etc/resolv.conf"

# The distribution's page would answer 200 where the demo does not.
rm -f "$root/etc/nginx/sites-enabled/default"

# Timers that would work while somebody measures an idle agent. logrotate is called by hand.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
	e2scrub_reap.service fstrim.timer logrotate.timer man-db.timer systemd-tmpfiles-clean.timer \
	systemd-firstboot.service; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

# machine-id stays: an empty one means first boot to systemd, which then enables units as it likes.
rm -rf "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
	"$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
rm -f "$root"/var/log/*.log "$root"/var/log/apt/* "$root"/var/log/nginx/*
