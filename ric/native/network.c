#include "sockets.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** What is read at once. */
#define ROOM (64u << 10)
/** A record of TLS: with less room OpenSSL would keep some of it, of which epoll knows nothing. */
#define RECORD (16u << 10)
/** What a connection may have read and JavaScript not heard. */
#define UNHEARD (1u << 20)
/** Address space: of it a thread takes what it touches. Name services want more than the rest. */
#define STACK (512u << 10)
/** Lookups under way: each has a thread, and may take as long as it likes. The rest waits for its turn. */
#define LOOKUPS 16
/** What an address may take to answer while there is another one, in milliseconds: as Node's `autoSelectFamilyAttemptTimeout`. */
#define TURN 250
/** How long the thread may take to end, in seconds. It takes a millisecond. */
#define PATIENCE 5

const char *name_of(int error) {
  switch (error) {
#define NAMED(name) \
  case name: return #name;
    NAMED(EACCES)
    NAMED(EADDRNOTAVAIL)
    NAMED(EAFNOSUPPORT)
    NAMED(EAGAIN)
    NAMED(EBADF)
    NAMED(ECONNABORTED)
    NAMED(ECONNREFUSED)
    NAMED(ECONNRESET)
    NAMED(EHOSTDOWN)
    NAMED(EHOSTUNREACH)
    NAMED(EINVAL)
    NAMED(EMFILE)
    NAMED(ENETDOWN)
    NAMED(ENETRESET)
    NAMED(ENETUNREACH)
    NAMED(ENFILE)
    NAMED(ENOBUFS)
    NAMED(ENOMEM)
    NAMED(ENOTCONN)
    NAMED(EPERM)
    NAMED(EPIPE)
    NAMED(EPROTO)
    NAMED(ETIMEDOUT)
#undef NAMED
    default: return "EIO";
  }
}

enum outcome broken_by(struct connection *c, int error, const char *call) {
  snprintf(c->fault.code, sizeof c->fault.code, "%s", name_of(error));
  snprintf(c->fault.message, sizeof c->fault.message, "%s %s:%d (errno %d)", call, c->host, c->port, error);
  return BROKEN;
}

/** Starts a thread to which no signal is ever delivered; SIGPIPE, too, stays where it is. */
static int start_thread(pthread_t *thread, bool is_detached, void *(*run)(void *), void *argument) {
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error) return error;
  pthread_attr_setstacksize(&attributes, STACK);
  if (is_detached) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(thread, &attributes, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return error;
}

/** Milliseconds of a clock that only goes on. */
static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

// ---- the life of a connection

/** Lets epoll wait for what the connection wants. Of one that wants nothing it would tell for ever that the peer is gone. */
static void watch(struct connection *c) {
  if (c->wanted == c->watched) return;
  int change = !c->wanted ? EPOLL_CTL_DEL : c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  struct epoll_event event = {.events = c->wanted, .data.ptr = c};
  // Where it fails, a handler has closed what is not its own; whoever waits has a limit of time.
  epoll_ctl(c->home->epoll, change, c->fd, &event);
  c->watched = c->wanted;
}

/** Closes the socket. Epoll is told apart: a child before its exec has it open, too, and epoll would go on with it. */
static void hang_up(struct connection *c) {
  if (c->fd < 0) return;
  c->wanted = 0;
  watch(c);
  close(c->fd);
  c->fd = -1;
}

/** Ends the connection for this thread. */
static void leave(struct connection *c, bool is_polite) {
  if (c->session) end_session(c->session, is_polite && c->state == OPEN);
  c->session = NULL;
  hang_up(c);
  if (c->addresses) freeaddrinfo(c->addresses);
  c->addresses = NULL;
  c->state = OVER;
  if (c->next) c->next->previous = c->previous;
  *(c->previous ? &c->previous->next : &c->home->all) = c->next;
  let_go(c);
}

static void end(struct connection *c) {
  tell(c, ENDED, NULL, 0);
  tell(c, CLOSED, NULL, 0);
  leave(c, true);
}

static void fail(struct connection *c) {
  tell(c, FAILED, &c->fault, sizeof c->fault);
  tell(c, CLOSED, NULL, 0);
  leave(c, false);
}

static void keep_alive(struct connection *c) {
  pthread_mutex_lock(&c->home->lock);
  int seconds = c->keep_alive_seconds;
  pthread_mutex_unlock(&c->home->lock);
  if (c->fd < 0 || seconds == c->kept_alive_seconds) return;
  c->kept_alive_seconds = seconds;
  // As libuv does; a system that cannot is none the worse for it.
  setsockopt(c->fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
  setsockopt(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  setsockopt(c->fd, IPPROTO_TCP, TCP_KEEPINTVL, &(int){1}, sizeof(int));
  setsockopt(c->fd, IPPROTO_TCP, TCP_KEEPCNT, &(int){10}, sizeof(int));
}

// ---- from a name to a connection

static const struct addrinfo HINTS = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

static int ask_system(const struct connection *c, int flags, struct addrinfo **found) {
  struct addrinfo hints = HINTS;
  hints.ai_flags |= flags;
  char port[8];
  snprintf(port, sizeof port, "%d", c->port);
  return getaddrinfo(c->host, port, &hints, found);
}

/** Gives a connection the answer to its lookup. Under the lock. */
static void answer(struct connection *c, int fault, int error, struct addrinfo *found) {
  c->is_found = true;
  c->lookup_fault = fault;
  c->lookup_errno = error;
  c->found = fault ? NULL : found;
  attend_to(c);
}

/** The next one that waits for a lookup. Under the lock. @return NULL where none does */
static struct connection *next_to_find(struct sockets *home) {
  struct connection *c = home->first_to_find;
  if (c) home->first_to_find = c->next_to_find;
  return c;
}

/** Looks up while somebody waits for it. */
static void find_waiting(struct sockets *home) {
  for (;;) {
    pthread_mutex_lock(&home->lock);
    struct connection *c = next_to_find(home);
    bool is_wanted = c && !c->is_closed && !home->is_ending;
    if (!c) home->lookups--;
    pthread_mutex_unlock(&home->lock);
    if (!c) return;
    if (is_wanted) {
      struct addrinfo *found = NULL;
      int fault = ask_system(c, 0, &found), error = errno;
      pthread_mutex_lock(&home->lock);
      answer(c, fault, error, found);
      pthread_mutex_unlock(&home->lock);
    }
    let_go(c);
  }
}

/** A thread that nobody waits for: the environment may be gone when it is back. */
static void *find_all(void *argument) {
  pthread_setname_np(pthread_self(), "mw-lookup");
  find_waiting(argument);
  let_go_home(argument);
  return NULL;
}

static void try_next(struct connection *c);

static void look_up(struct connection *c) {
  struct sockets *home = c->home;
  if (ask_system(c, AI_NUMERICHOST, &c->addresses) == 0) {
    c->address = c->addresses;
    try_next(c);
    return;
  }
  c->addresses = NULL;
  c->state = LOOKED_UP;
  hold(c);
  pthread_mutex_lock(&home->lock);
  *(home->first_to_find ? &home->last_to_find->next_to_find : &home->first_to_find) = c;
  home->last_to_find = c;
  bool wants_thread = home->lookups < LOOKUPS;
  home->lookups += wants_thread;
  pthread_mutex_unlock(&home->lock);
  if (!wants_thread) return;

  pthread_t thread;
  atomic_fetch_add(&home->holders, 1);
  if (start_thread(&thread, true, find_all, home) == 0) return;
  let_go_home(home);
  // A handler has used up the threads: then this one looks up, and its other connections wait.
  find_waiting(home);
}

static void looked_up(struct connection *c, int fault, int error, struct addrinfo *found) {
  if (fault == 0 && found) {
    c->addresses = c->address = found;
    try_next(c);
    return;
  }
  const char *code = fault == EAI_AGAIN                          ? "EAI_AGAIN"
                     : fault == EAI_NONAME || fault == EAI_NODATA ? "ENOTFOUND"
                     : fault == EAI_MEMORY                        ? "EAI_MEMORY"
                     : fault == EAI_SYSTEM                        ? name_of(error)
                                                                  : "EAI_FAIL";
  snprintf(c->fault.code, sizeof c->fault.code, "%s", code);
  snprintf(c->fault.message, sizeof c->fault.message, "getaddrinfo %s (%s)", c->host, gai_strerror(fault));
  fail(c);
}

/** Begins to connect to the address. @return 0 or an errno */
static int begin(struct connection *c) {
  const struct addrinfo *address = c->address;
  c->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (c->fd < 0) return errno;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  c->kept_alive_seconds = 0;
  keep_alive(c);
  if (connect(c->fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS || errno == EINTR) return 0;
  return errno;
}

/** Goes to the next address that can be tried, or fails as the latest did. */
static void try_next(struct connection *c) {
  for (; c->address; c->address = c->address->ai_next) {
    int error = begin(c);
    if (error == 0) {
      c->state = CONNECTING;
      c->turn_ends_at = now() + TURN;
      c->wanted = EPOLLOUT;
      watch(c);
      return;
    }
    broken_by(c, error, "connect");
    hang_up(c);
  }
  fail(c);
}

static void connected(struct connection *c) {
  freeaddrinfo(c->addresses);
  c->addresses = c->address = NULL;
  if (!c->is_tls) {
    c->state = OPEN;
    tell(c, CONNECTED, NULL, 0);
    return;
  }
  struct sockets *home = c->home;
  if (!home->trust) home->trust = trust_in(home->roots);
  c->state = SHAKING_HANDS;
  c->session = home->trust ? session_with(home->trust, c->fd, c->host) : NULL;
  if (c->session) return;
  const char *reason = ERR_reason_error_string(ERR_peek_error());
  snprintf(c->fault.code, sizeof c->fault.code, "ERR_SSL_NO_SESSION");
  if (!reason) reason = "it gives no reason";
  snprintf(c->fault.message, sizeof c->fault.message, "OpenSSL makes no session with %s (%s)", c->host, reason);
  ERR_clear_error();
  fail(c);
}

/** The address is not to be had. */
static void turn_away(struct connection *c, int error) {
  broken_by(c, error, "connect");
  hang_up(c);
  c->address = c->address->ai_next;
  try_next(c);
}

/** Whether the address has a limit of time. The last one has not: whoever waits for the connection has one. */
static bool has_turn(const struct connection *c) {
  return c->state == CONNECTING && c->address->ai_next;
}

/** Goes on to the next address of those whose present one says nothing. */
static void end_turns(struct sockets *home) {
  uint64_t at = now();
  for (struct connection *next, *c = home->all; c; c = next) {
    next = c->next;
    if (has_turn(c) && c->turn_ends_at <= at) turn_away(c, ETIMEDOUT);
  }
}

/** @return in how many milliseconds the next turn ends, for epoll; -1: none does */
static int next_end_of_turn(const struct sockets *home) {
  uint64_t at = now(), ends_at = UINT64_MAX;
  for (const struct connection *c = home->all; c; c = c->next) {
    if (has_turn(c) && c->turn_ends_at < ends_at) ends_at = c->turn_ends_at;
  }
  return ends_at == UINT64_MAX ? -1 : ends_at > at ? (int)(ends_at - at) : 0;
}

/** The system has connected the socket, or has given up. */
static void arrive(struct connection *c) {
  int error = 0;
  if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error}) < 0) error = errno;
  if (error == 0) {
    struct sockaddr_storage peer;
    if (getpeername(c->fd, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) == 0) {
      connected(c);
      return;
    }
    if (errno == ENOTCONN) { // somebody has sent something meanwhile, and there is nothing new
      c->wanted = EPOLLOUT;
      return;
    }
    error = errno;
  }
  turn_away(c, error);
}

// ---- bytes

static enum outcome receive(struct connection *c, void *room, size_t size, size_t *moved) {
  if (c->session) return tls_read(c, room, size, moved);
  ssize_t length;
  do length = recv(c->fd, room, size, 0);
  while (length < 0 && errno == EINTR);
  if (length == 0) return AT_END;
  if (length < 0 && errno != EAGAIN) return broken_by(c, errno, "read");
  if (length < 0) {
    c->wanted |= EPOLLIN;
    return BLOCKED;
  }
  *moved = (size_t)length;
  return MOVED;
}

static enum outcome transmit(struct connection *c, const void *bytes, size_t size, size_t *moved) {
  if (c->session) return tls_write(c, bytes, size, moved);
  ssize_t length;
  do length = send(c->fd, bytes, size, MSG_NOSIGNAL);
  while (length < 0 && errno == EINTR);
  if (length < 0 && errno != EAGAIN) return broken_by(c, errno, "write");
  if (length < 0) {
    c->wanted |= EPOLLOUT;
    return BLOCKED;
  }
  *moved = (size_t)length;
  return MOVED;
}

/** Whether JavaScript has heard enough for more to be read; if not, it will say so. */
static bool has_room(struct connection *c) {
  pthread_mutex_lock(&c->home->lock);
  c->is_full = c->unheard + ROOM > UNHEARD;
  bool is_full = c->is_full;
  pthread_mutex_unlock(&c->home->lock);
  return !is_full;
}

/** Reads what is there, but no more than fits: others are waiting. Epoll will say that there is more. */
static void read_some(struct connection *c) {
  if (!has_room(c)) return;
  unsigned char *room = c->home->room;
  size_t size = 0;
  enum outcome outcome = MOVED;
  while (outcome == MOVED && ROOM - size >= RECORD) {
    size_t moved = 0;
    outcome = receive(c, room + size, ROOM - size, &moved);
    size += moved;
  }
  c->wanted |= outcome == MOVED ? EPOLLIN : 0;
  if (size > 0) {
    pthread_mutex_lock(&c->home->lock);
    c->unheard += size;
    pthread_mutex_unlock(&c->home->lock);
    tell(c, DATA, room, size);
  }
  if (outcome == AT_END) end(c);
  if (outcome == BROKEN) fail(c);
}

/** The text that is to be sent next. @return NULL where there is none */
static struct chunk *next_chunk(struct connection *c) {
  pthread_mutex_lock(&c->home->lock);
  struct chunk *chunk = c->first;
  pthread_mutex_unlock(&c->home->lock);
  return chunk;
}

/** Takes note of what the system has taken, and frees a chunk that it has taken whole. */
static void took(struct connection *c, struct chunk *chunk, size_t moved) {
  chunk->taken += moved;
  bool is_whole = chunk->taken == chunk->size;
  pthread_mutex_lock(&c->home->lock);
  c->unsent -= moved;
  if (is_whole) {
    c->first = chunk->next;
    if (!c->first) c->last = NULL;
  }
  pthread_mutex_unlock(&c->home->lock);
  if (is_whole) free(chunk);
}

static void write_all(struct connection *c) {
  for (struct chunk *chunk; (chunk = next_chunk(c));) {
    size_t moved = 0, left = chunk->size - chunk->taken;
    enum outcome outcome = left > 0 ? transmit(c, chunk->bytes + chunk->taken, left, &moved) : MOVED;
    if (outcome == BLOCKED) return;
    if (outcome == MOVED) {
      took(c, chunk, moved);
      continue;
    }
    if (outcome == AT_END) broken_by(c, EPIPE, "write");
    fail(c);
    return;
  }
}

/** Goes as far with a connection as the system lets it. */
static void go_on(struct connection *c) {
  if (c->state < CONNECTING || c->state == OVER) return;
  c->wanted = 0;
  if (c->state == CONNECTING) arrive(c);
  if (c->state == SHAKING_HANDS) {
    enum outcome outcome = shake_hands(c);
    if (outcome == BROKEN) fail(c);
    if (outcome == MOVED) {
      c->state = OPEN;
      tell(c, CONNECTED, NULL, 0);
    }
  }
  // Reading first: who has answered and hung up is heard, whatever becomes of the rest of the request.
  if (c->state == OPEN) read_some(c);
  if (c->state == OPEN) write_all(c);
  if (c->state != OVER) watch(c);
}

// ---- the thread

/** Where a handler has closed the waker, its number may be that of a file by now, into which nothing must be written. */
static bool wake(struct sockets *home) {
  struct stat found;
  bool is_ours = fstat(home->waker, &found) == 0 && found.st_dev == home->waker_is.st_dev &&
                 found.st_ino == home->waker_is.st_ino;
  return is_ours && eventfd_write(home->waker, 1) == 0;
}

void attend_to(struct connection *c) {
  struct sockets *home = c->home;
  // Without a thread nobody comes, and the number of the waker may be a stranger's by now.
  if (c->is_to_attend || home->is_ending || !home->is_started) return;
  hold(c);
  c->is_to_attend = true;
  c->next_to_attend = home->to_attend;
  home->to_attend = c;
  // Where others are on the list, the thread is awake already.
  if (!c->next_to_attend && !wake(home)) home->is_broken = true;
}

/** While the system looks for the first peer: what a session needs takes OpenSSL a millisecond, the first hash a fifth of one. */
static void prepare(struct connection *c) {
  struct sockets *home = c->home;
  if (!home->is_prepared) prepare_hashes();
  home->is_prepared = true;
  if (c->is_tls && !home->trust) home->trust = trust_in(home->roots);
}

/** Does what JavaScript or a lookup has asked for. */
static void attend(struct connection *c) {
  pthread_mutex_lock(&c->home->lock);
  bool is_closed = c->is_closed, is_found = c->is_found;
  int fault = c->lookup_fault, error = c->lookup_errno;
  struct addrinfo *found = NULL;
  if (c->state == LOOKED_UP && !is_closed) {
    found = c->found;
    c->found = NULL;
  }
  pthread_mutex_unlock(&c->home->lock);

  if (c->state == NEW) {
    c->next = c->home->all;
    if (c->next) c->next->previous = c;
    c->home->all = c;
    hold(c);
  }
  if (c->state == OVER) return;
  if (is_closed) leave(c, true);
  else if (c->state == NEW) {
    look_up(c);
    prepare(c);
  }
  else if (c->state == LOOKED_UP && is_found) looked_up(c, fault, error, found);
  else go_on(c);
  if (c->state != OVER) keep_alive(c);
}

/** Attends to all who are to be attended to. @return whether the environment goes on */
static bool attend_to_all(struct sockets *home) {
  for (;;) {
    pthread_mutex_lock(&home->lock);
    struct connection *c = home->to_attend;
    if (c) {
      home->to_attend = c->next_to_attend;
      c->is_to_attend = false;
    }
    bool is_ending = home->is_ending;
    pthread_mutex_unlock(&home->lock);
    if (!c) return !is_ending;
    if (!is_ending) attend(c);
    let_go(c);
  }
}

/** A handler has closed what it did not open. Nothing can be waited for any more, so everybody is told. */
static void give_up(struct sockets *home, int error) {
  pthread_mutex_lock(&home->lock);
  home->is_broken = true;
  pthread_mutex_unlock(&home->lock);
  attend_to_all(home);
  while (home->all) {
    broken_by(home->all, error, "epoll");
    fail(home->all);
  }
}

static bool is_ending(struct sockets *home) {
  pthread_mutex_lock(&home->lock);
  bool is_ending = home->is_ending;
  pthread_mutex_unlock(&home->lock);
  return is_ending;
}

static void *run(void *argument) {
  struct sockets *home = argument;
  pthread_setname_np(pthread_self(), "mw-sockets");
  home->room = memory(ROOM);
  while (attend_to_all(home)) {
    struct epoll_event happened[64];
    int count = epoll_wait(home->epoll, happened, sizeof happened / sizeof *happened, next_end_of_turn(home));
    if (count < 0 && errno != EINTR) {
      give_up(home, errno);
      break;
    }
    // Where it could not be woken in time, nothing is left that might hear of it.
    if (is_ending(home)) break;
    for (int each = 0; each < count; each++) {
      struct connection *c = happened[each].data.ptr;
      if (!c) {
        eventfd_read(home->waker, &(eventfd_t){0});
        continue;
      }
      hold(c); // it may end here, and nobody else have it
      go_on(c);
      let_go(c);
    }
    // After a freeze, too, who was connected meanwhile is noticed first.
    end_turns(home);
  }
  pthread_mutex_lock(&home->lock);
  bool is_abandoned = home->is_abandoned;
  pthread_mutex_unlock(&home->lock);
  if (is_abandoned) return NULL;
  while (home->all) leave(home->all, false);
  SSL_CTX_free(home->trust);
  home->trust = NULL;
  free(home->room);
  return NULL;
}

// ---- its start and its end

/** All that run: the process ends only once none of them uses OpenSSL, which ends with it. */
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sockets *running;
static bool is_process_ending;

/** Under the lock of all that run. */
static void stop(struct sockets *home) {
  struct sockets **place = &running;
  while (*place && *place != home) place = &(*place)->next;
  if (!*place) return;
  *place = home->next;

  pthread_mutex_lock(&home->lock);
  home->is_ending = true;
  wake(home);
  pthread_mutex_unlock(&home->lock);
  struct timespec limit;
  clock_gettime(CLOCK_MONOTONIC, &limit);
  limit.tv_sec += PATIENCE;
  if (pthread_clockjoin_np(home->thread, NULL, CLOCK_MONOTONIC, &limit) != 0) {
    // It cannot be woken: a handler has closed what is not its own. All that stays with it, rather than to hang for ever.
    pthread_mutex_lock(&home->lock);
    home->is_abandoned = true;
    pthread_mutex_unlock(&home->lock);
    pthread_detach(home->thread);
    atomic_fetch_add(&home->holders, 1);
    return;
  }
  attend_to_all(home);
  close(home->epoll);
  close(home->waker);
}

/** `process.exit()` runs no hook of the environment, but what was given to `atexit`, the latest first. */
static void stop_all(void) {
  pthread_mutex_lock(&running_lock);
  is_process_ending = true;
  while (running) stop(running);
  pthread_mutex_unlock(&running_lock);
}

static void arrange_end(void) {
  OPENSSL_init_ssl(0, NULL); // it gives its own end to `atexit`, before ours
  atexit(stop_all);
}

int start_network(struct sockets *home) {
  static pthread_once_t is_arranged = PTHREAD_ONCE_INIT;
  pthread_once(&is_arranged, arrange_end);
  home->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (home->epoll < 0) return errno;
  home->waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int error = home->waker < 0 || fstat(home->waker, &home->waker_is) < 0 ? errno : 0;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (!error && epoll_ctl(home->epoll, EPOLL_CTL_ADD, home->waker, &event) < 0) error = errno;
  pthread_mutex_lock(&running_lock);
  if (!error && is_process_ending) error = EAGAIN;
  if (!error) error = start_thread(&home->thread, false, run, home);
  if (!error) {
    home->next = running;
    running = home;
  }
  pthread_mutex_unlock(&running_lock);
  if (error) {
    close(home->epoll);
    if (home->waker >= 0) close(home->waker);
  }
  return error;
}

void stop_network(struct sockets *home) {
  pthread_mutex_lock(&running_lock);
  stop(home);
  pthread_mutex_unlock(&running_lock);
}
