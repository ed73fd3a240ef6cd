// What an app in a pod does with systemd's interfaces, without libsystemd. Linked statically: images hold nothing else.
//   sdapp notify MESSAGE…   sends each to NOTIFY_SOCKET      sdapp serve MESSAGE…   the same, and stays
//   sdapp reload MS AHEAD   is ready, and at each SIGHUP reloads for MS milliseconds, with a clock that is AHEAD microseconds ahead
//   sdapp answer            answers one connection on the sockets it was given
// And what a service manager does for a program, without one:
//   sdapp listen PATH NAME COMMAND…   executes it with a UNIX socket that listens there and is called so
//   sdapp ask PATH                    prints what is answered there
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_un at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}

static int notify(int count, char **messages) {
  const char *path = getenv("NOTIFY_SOCKET");
  if (!path) return fputs("no NOTIFY_SOCKET\n", stderr), 1;
  struct sockaddr_un address = at(path);
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) return perror(path), 1;
  for (int i = 0; i < count; i++)
    if (send(fd, messages[i], strlen(messages[i]), 0) < 0) return perror("send"), 1;
  return 0;
}

static int reload(int ms, long long ahead) {
  sigset_t hup;
  sigemptyset(&hup), sigaddset(&hup, SIGHUP), sigprocmask(SIG_BLOCK, &hup, NULL);
  if (notify(1, (char *[]){"READY=1"})) return 1;
  for (int signal; !sigwait(&hup, &signal);) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    char begun[80];
    snprintf(begun, sizeof begun, "RELOADING=1\nMONOTONIC_USEC=%lld", now.tv_sec * 1000000LL + now.tv_nsec / 1000 + ahead);
    if (notify(1, (char *[]){begun}) || usleep(ms * 1000) || notify(1, (char *[]){"READY=1"})) return 1;
  }
  return 1;
}

static int answer(void) {
  const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
  if (!pid || atoi(pid) != getpid()) return printf("LISTEN_PID=%s and I am %d\n", pid, getpid()), 1;
  int connection = accept(3, NULL, NULL);
  dprintf(connection, "%s sockets, %s\n", fds, names);
  return 0;
}

static int ask(const char *path) {
  struct sockaddr_un address = at(path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) return perror("connect"), 1;
  char text[256];
  ssize_t length;
  while ((length = read(fd, text, sizeof text)) > 0) fwrite(text, 1, length, stdout);
  return length < 0 ? perror("read"), 1 : 0;
}

static int listen_for(char **argv) {
  struct sockaddr_un address = at(argv[0]);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8)) return perror(argv[0]), 1;
  if (fd != 3 && (dup2(fd, 3) < 0 || close(fd))) return perror("dup2"), 1;
  char pid[16];
  snprintf(pid, sizeof pid, "%d", getpid());
  setenv("LISTEN_PID", pid, 1), setenv("LISTEN_FDS", "1", 1), setenv("LISTEN_FDNAMES", argv[1], 1);
  execvp(argv[2], argv + 2);
  return perror(argv[2]), 1;
}

int main(int argc, char **argv) {
  if (argc > 2 && !strcmp(argv[1], "notify")) return notify(argc - 2, argv + 2);
  if (argc > 2 && !strcmp(argv[1], "serve")) return notify(argc - 2, argv + 2) || pause();
  if (argc == 4 && !strcmp(argv[1], "reload")) return reload(atoi(argv[2]), atoll(argv[3]));
  if (argc == 3 && !strcmp(argv[1], "ask")) return ask(argv[2]);
  if (argc > 4 && !strcmp(argv[1], "listen")) return listen_for(argv + 2);
  return argc == 2 && !strcmp(argv[1], "answer") ? answer() : 2;
}
