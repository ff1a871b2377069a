/**
 * A name service for the tests, put before the system's by LD_PRELOAD: names below `.test` have the answers that no real one
 * gives when it is wanted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static lookup *real(void) {
  return (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
}

static int is(const char *name, const char *other) {
  return name && strcmp(name, other) == 0;
}

/** While the environment has `NO_THREADS`, the system has no thread to give. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
  if (getenv("NO_THREADS")) return EAGAIN;
  typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  return ((create *)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, run, argument);
}

/** Addresses one after the other, as one answer. */
static int chain(const char *const *addresses, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  struct addrinfo **place = found;
  for (; *addresses; addresses++) {
    int fault = real()(*addresses, service, hints, place);
    if (fault) return fault;
    while (*place) place = &(*place)->ai_next;
  }
  return 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  if (!hints || !(hints->ai_flags & AI_NUMERICHOST)) {
    if (is(name, "never.test")) for (;;) pause();
    if (is(name, "slow.test")) {
      usleep(300000);
      name = "127.0.0.1";
    }
    if (is(name, "later.test")) return EAI_AGAIN;
    if (is(name, "fails.test")) return EAI_FAIL;
    if (is(name, "nothing.test")) return EAI_NODATA;
    if (is(name, "files.test")) {
      errno = EMFILE;
      return EAI_SYSTEM;
    }
    if (is(name, "several.test")) return chain((const char *[]){"::1", "127.0.0.2", "127.0.0.1", NULL}, service, hints, found);
    if (is(name, "dead.test")) return chain((const char *[]){"127.0.0.2", "127.0.0.1", NULL}, service, hints, found);
    if (is(name, "none.test")) return chain((const char *[]){"::1", "127.0.0.2", "127.0.0.3", NULL}, service, hints, found);
  }
  return real()(name, service, hints, found);
}
