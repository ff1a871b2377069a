#include "sockets.h"
#include <stdio.h>
#include <stdlib.h>

void *memory(size_t size) {
  void *made = calloc(1, size);
  if (made) return made;
  fputs("maintenance-window: the system has no memory left\n", stderr);
  abort();
}

void hold(struct connection *c) {
  atomic_fetch_add(&c->holders, 1);
}

void let_go(struct connection *c) {
  if (atomic_fetch_sub(&c->holders, 1) != 1) return;
  for (struct chunk *next, *chunk = c->first; chunk; chunk = next) {
    next = chunk->next;
    free(chunk);
  }
  if (c->found) freeaddrinfo(c->found);
  let_go_home(c->home);
  free(c);
}

void let_go_home(struct sockets *home) {
  if (atomic_fetch_sub(&home->holders, 1) != 1) return;
  pthread_mutex_destroy(&home->lock);
  free(home->roots);
  free(home);
}
