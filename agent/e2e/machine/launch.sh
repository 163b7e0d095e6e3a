#!/bin/sh
# Boots one machine. Runs as PID 1 of its own PID and mount namespaces, so that the end of this
# process, also by SIGKILL, is the end of everything it started and mounted.
#   launch.sh NAME IMAGE DIR SIZE CGROUP...
set -eu
name=$1 image=$2 dir=$3 size=$4
shift 4

# Before anything else is started: two machines in one control group see each other's processes,
# and their systemds fail with EIO when they kill.
for group in "$@"; do
	echo 0 >"$group/cgroup.procs"
done

mount --make-rprivate /
mount -t proc proc /proc
# nspawn leaves a directory per machine there when it is killed. Ours goes with this namespace.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn

mount -t tmpfs -o size="$size",mode=0755 tmpfs "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
# xino: stat() and /proc/locks agree on device and inode, as they do on a plain disk.
mount -t overlay -o xino=on,lowerdir="$image",upperdir="$dir/upper",workdir="$dir/work" overlay "$dir/root"

# Without it, nspawn gives the machine the host's hybrid layout, and systemd 257 does not boot.
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
while :; do
	status=0
	systemd-nspawn -q -D "$dir/root" -M "$name" --register=no --keep-unit --boot --private-network \
		--console=pipe --resolv-conf=off --timezone=off --link-journal=no </dev/null || status=$?
	# 133: the machine asked for a reboot.
	[ "$status" -eq 133 ] || exit "$status"
done
