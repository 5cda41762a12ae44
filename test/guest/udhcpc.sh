#!/bin/busybox sh
# What the guest does with a DHCP lease.
case "$1" in
  deconfig) ip address flush dev "$interface" ;;
  bound | renew)
    ip address replace "$ip/${mask:-24}" dev "$interface"
    [ -n "$router" ] && ip route replace default via "${router%% *}" dev "$interface"
    if [ -n "$dns" ]; then
      : > /run/resolv
      [ -n "$domain" ] && echo "search $domain" >> /run/resolv
      for server in $dns; do echo "nameserver $server" >> /run/resolv; done
      mv /run/resolv /etc/resolv.conf
    fi
    echo "$interface $ip" > "/run/lease-$interface.now"
    if ! cmp -s "/run/lease-$interface.now" "/run/lease-$interface"; then
      mv "/run/lease-$interface.now" "/run/lease-$interface"
      echo "STEWARD-GUEST address $interface $ip/${mask:-24}" > /dev/console
      [ "$interface" = eth0 ] && echo "STEWARD-GUEST ip=$ip" > /dev/console
      : > /run/address
    fi
    ;;
esac
