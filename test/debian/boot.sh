#!/bin/sh
# Becomes process 1 of a Debian in a folder: systemd, as on a machine of its own. Started by machine.ts in new namespaces
# for mounts, processes, network, host name, IPC and cgroups, so that nothing of it reaches the machine around.
set -eu
root=$1

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
# What systemd sets there would be set for the whole kernel. The settings of the network are the namespace's own.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t proc proc mnt
mount --bind mnt/sys/net proc/sys/net
umount mnt
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
	touch "dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
: >dev/console

ip link set lo up
hostname cordon-test
# Modules, clock and hardware belong to the machine around.
exec setpriv --bounding-set -sys_module,-sys_time,-sys_rawio,-mknod,-syslog --inh-caps -all \
	env -i container=cordon-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	chroot . /lib/systemd/systemd --log-target=null --show-status=false
