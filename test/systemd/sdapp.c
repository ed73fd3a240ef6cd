// What an app in a pod does with systemd's interfaces, without libsystemd. Linked statically: images hold nothing else.
//   sdapp notify MESSAGE…   sends each to NOTIFY_SOCKET      sdapp serve MESSAGE…   the same, and stays
//   sdapp answer            answers one connection on the sockets it was given
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int notify(int count, char **messages) {
  const char *path = getenv("NOTIFY_SOCKET");
  if (!path) return fputs("no NOTIFY_SOCKET\n", stderr), 1;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) return perror(path), 1;
  for (int i = 0; i < count; i++)
    if (send(fd, messages[i], strlen(messages[i]), 0) < 0) return perror("send"), 1;
  return 0;
}

static int answer(void) {
  const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
  if (!pid || atoi(pid) != getpid()) return printf("LISTEN_PID=%s and I am %d\n", pid, getpid()), 1;
  int connection = accept(3, NULL, NULL);
  dprintf(connection, "%s sockets, %s\n", fds, names);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "notify")) return notify(argc - 2, argv + 2);
  if (argc > 2 && !strcmp(argv[1], "serve")) return notify(argc - 2, argv + 2) || pause();
  return argc == 2 && !strcmp(argv[1], "answer") ? answer() : 2;
}
