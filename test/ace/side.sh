# Runs as the app "ace-side", beside "ace-main".
touch /only-side
busybox ip -4 addr show eth0 | busybox grep -o 'inet [0-9.]*' > /db/side.new
busybox mv /db/side.new /db/side
for _ in $(busybox seq 100); do
  test -e /db/main && break
  sleep 0.05
done
test "$(cat /db/main)" = main && echo 'ok the side app sees the file of the main app'
test "$AC_APP_NAME" = ace-side && echo 'ok the side app has its own AC_APP_NAME'
