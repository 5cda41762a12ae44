#!/bin/busybox sh
# The first and only program of the test guest. It tells on the serial console, in lines that start with STEWARD-GUEST,
# what a test wants to know about the machine that it runs on.
export PATH=/bin

say() { echo "STEWARD-GUEST $*" > /dev/console; }

busybox mkdir -p /proc /sys /dev /run /tmp /seed /etc/acpi/PWRF
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order

# The seed is a disk or CD labelled cidata; devices may appear a moment after their modules.
mount_seed() {
  for device in /sys/block/sr* /sys/block/vd* /sys/block/sd*; do
    [ -e "$device" ] || continue
    for type in iso9660 vfat; do
      mount -t "$type" -o ro "/dev/${device##*/}" /seed 2> /dev/null || continue
      [ -f /seed/meta-data ] && return 0
      umount /seed
    done
  done
  return 1
}
tries=0
while ! mount_seed && [ "$tries" -lt 8 ]; do tries=$((tries + 1)); usleep 250000; done

# One value of a flat YAML or JSON text, without its quotes.
value_of() {
  sed -n "s/.*[\"{, ]*\\b$1[\"]*:[ ]*[\"']\{0,1\}\([^\"',}]*\).*/\1/p" "$2" 2> /dev/null | head -n 1
}

hostname="$(value_of hostname /seed/user-data)"
[ -n "$hostname" ] || hostname="$(value_of local-hostname /seed/meta-data)"
hostname="${hostname:-guest}"
hostname "$hostname"
echo "127.0.0.1 localhost $hostname" > /etc/hosts
say "hostname=$hostname"
say "instance=$(value_of instance-id /seed/meta-data)"
cat /seed/user-data /seed/meta-data 2> /dev/null |
  grep -o -E '(ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+) [A-Za-z0-9+/=]+' | while read -r key; do say "key=$key"; done

# ACPI's power button, which libvirt presses to ask for an orderly stop.
printf '#!/bin/busybox sh\necho "STEWARD-GUEST poweroff" > /dev/console\nsync\npoweroff -f\n' > /etc/acpi/PWRF/00000080
chmod 755 /etc/acpi/PWRF/00000080
acpid -f -c /etc/acpi -l /dev/null < /dev/null > /dev/null 2>&1 &

# Each network card asks for an address as it appears, at the start or later.
start_nic() {
  ip link set "$1" up
  udhcpc -f -i "$1" -x "hostname:$hostname" -s /etc/udhcpc.sh -t 5 -T 2 -A 3 < /dev/null > /dev/null 2>&1 &
}

look() {
  for device in /sys/class/net/eth*; do
    [ -e "$device/address" ] && read -r mac < "$device/address" && echo "nic ${device##*/} mac=$mac"
  done
  for device in /sys/block/vd* /sys/block/sd*; do
    [ -e "$device/size" ] || continue
    read -r sectors < "$device/size"
    serial=
    [ -e "$device/serial" ] && read -r serial < "$device/serial"
    echo "disk ${device##*/} sectors=$sectors${serial:+ serial=$serial}"
  done
  for cpu in /sys/devices/system/cpu/cpu[0-9]*/online; do
    [ -e "$cpu" ] && read -r online < "$cpu" && [ "$online" = 0 ] && echo 1 > "$cpu"
  done
  read -r _ kib _ < /proc/meminfo
  set -- /sys/devices/system/cpu/cpu[0-9]*
  echo "cpus=$# mem_kib=$kib"
}

# Says what is new since the last look, and what has gone.
watch_hardware() {
  look > /run/now
  while read -r line; do
    grep -q -x -F "$line" /run/before && continue
    say "$line"
    case "$line" in "nic "*) nic="${line#nic }"; grep -q "^nic ${nic%% *} " /run/before || start_nic "${nic%% *}" ;; esac
  done < /run/now
  while read -r kind name _; do
    case "$kind" in nic | disk) grep -q "^$kind $name " /run/now || say "$kind $name gone" ;; esac
  done < /run/before
  mv /run/now /run/before
}

# Asks the network's own DNS, as the test is about that; then pings until the other guest is there.
ping_until_answered() {
  while :; do
    address="$(nslookup -type=a "$1" 2> /dev/null | awk '/^Name:/ { named = 1 } named && /^Address/ { print $NF; exit }')"
    [ -n "$address" ] && ping -c 1 -W 2 "$address" > /dev/null 2>&1 && break
    sleep 1
  done
  say "ping $1 ok $address"
}

: > /run/before
watch_hardware
waited=0
while [ ! -e /run/address ] && [ -e /sys/class/net/eth0 ] && [ "$waited" -lt 300 ]; do waited=$((waited + 1)); usleep 100000; done
say ready
mkdir -p /www
echo "$hostname" > /www/hostname
httpd -p 80 -h /www
sed -n 's/^# *steward-ping: *//p' /seed/user-data 2> /dev/null | while read -r name; do ping_until_answered "$name" & done

# A shell on the serial console, to be typed to.
while :; do setsid cttyhack sh < /dev/ttyS0 > /dev/ttyS0 2>&1; sleep 1; done &

while :; do
  sleep 1
  watch_hardware
done
