#!/bin/bash
# The guest's side of Machine.run(): runs the script in /control/job when /control/go appears, leaves stdout, stderr and status.
cd /root
for state in $(timeout 60 systemctl is-system-running --wait); do echo "$state" > /control/up; done
while :; do
  if [ -e /control/off ]; then echo o > /proc/sysrq-trigger; fi
  if [ -e /control/go ]; then
    rm /control/go
    bash /control/job > /control/stdout 2> /control/stderr < /dev/null
    echo $? > /control/status.new
    mv /control/status.new /control/status
  fi
  read -r -t 0.03 <> <(:)
done
